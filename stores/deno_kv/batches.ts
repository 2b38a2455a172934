/**
 * Reads and writes of Deno KV that share calls.
 *
 * @module
 */
import { type BatchAnswer, Batcher, type Callers } from "../batching/batcher.ts";
import { oneByOne } from "../batching/one_by_one.ts";
import { isRefused } from "./entries.ts";
import type { Kv, KvCommit, KvEntry, KvKey } from "./kv.ts";

/** Deno KV reads at most 10 entries in a call. @deno/kv also checks at most 10 in an atomic operation, Deno 100. */
const LIMITS = { maxRequests: 10, maxBatches: 10 };

/** A call for one entry. */
interface Request {
  /** The name of the task, by which entries of a store differ. */
  readonly name: string;
  readonly key: KvKey;
}

/** A write of one entry. */
export interface EntryWrite extends Request {
  readonly value: Uint8Array;
  /** The versionstamp to replace; `null` if there must be no entry. */
  readonly version: string | null;
}

const keyOf = ({ name }: Request): string => name;
const CONSISTENCY = { consistency: "strong" } as const;

/** Sends calls of the same moment, and those that come while others are not answered, in one call. */
export class EntryBatches {
  readonly #kv: Kv;
  readonly #reads: Batcher<Request, KvEntry>;
  readonly #writes: Batcher<EntryWrite, KvCommit>;

  /** Creates the batches of a store. */
  constructor(kv: Kv) {
    this.#kv = kv;
    this.#reads = new Batcher<Request, KvEntry>({
      send: (requests, callers) => this.#sendReads(requests, callers),
      keyOf,
      ...LIMITS,
    });
    this.#writes = new Batcher<EntryWrite, KvCommit>({
      send: (writes, { signal }) => this.#commit(writes, signal),
      keyOf,
      ...LIMITS,
    });
  }

  /** Reads an entry. */
  read(request: Request, signal: AbortSignal): Promise<KvEntry> {
    return this.#reads.call(request, signal);
  }

  /** Writes an entry. */
  write(write: EntryWrite, signal: AbortSignal): Promise<KvCommit> {
    return this.#writes.call(write, signal);
  }

  async #sendReads(requests: readonly Request[], callers: Callers<Request>): Promise<BatchAnswer<KvEntry>[]> {
    const kv = this.#kv;
    const send = ({ key }: Request): Promise<KvEntry> => kv.get(key, CONSISTENCY);
    if (requests.length === 1 || typeof kv.getMany !== "function") return oneByOne(requests, { send, ...callers });
    try {
      const entries = await kv.getMany(requests.map(({ key }) => key), CONSISTENCY);
      // an answer with too few entries is found out by each call
      return requests.map((_, index) => ({ kind: "answered", answer: entries[index] as KvEntry }));
    } catch (error) {
      if (isRefused(error)) return oneByOne(requests, { send, ...callers });
      throw error;
    }
  }

  /**
   * Sends writes in one atomic operation. If one of its checks fails, or one of the writes is refused, nothing was written, and each
   * half is sent again, until the writes are found that fail.
   */
  async #commit(writes: readonly EntryWrite[], signal: AbortSignal): Promise<BatchAnswer<KvCommit>[]> {
    try {
      const operation = this.#kv.atomic();
      for (const { key, value, version } of writes) operation.check({ key, versionstamp: version }).set(key, value);
      // a client without types may return anything
      const answer = await operation.commit() as KvCommit | undefined;
      if (answer?.ok !== false || writes.length === 1) {
        return writes.map(() => ({ kind: "answered", answer: answer as KvCommit }));
      }
    } catch (error) {
      if (!isRefused(error) || writes.length === 1) return writes.map(() => ({ kind: "failed", error }));
    }
    const middle = Math.ceil(writes.length / 2);
    const answers: BatchAnswer<KvCommit>[] = [];
    for (const half of [writes.slice(0, middle), writes.slice(middle)]) {
      signal.throwIfAborted();
      answers.push(...await this.#commit(half, signal));
    }
    return answers;
  }
}

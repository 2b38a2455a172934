/**
 * Reads and writes of Deno KV that share calls.
 *
 * @module
 */
import { type BatchAnswer, Batcher, type Callers } from "../batching/batcher.ts";
import { oneByOne } from "../batching/one_by_one.ts";
import { commitAll, type EntryCall, type EntryWrite } from "./commits.ts";
import { isLocked } from "./entries.ts";
import type { Kv, KvCommit, KvEntry } from "./kv.ts";

/** Deno KV reads at most 10 entries in a call. @deno/kv also checks at most 10 in an atomic operation, Deno 100. */
const LIMITS = { maxRequests: 10, maxBatches: 10 };

const keyOf = ({ name }: EntryCall): string => name;
const CONSISTENCY = { consistency: "strong" } as const;

/** Sends calls of the same moment, and those that come while others are not answered, in one call. */
export class EntryBatches {
  readonly #kv: Kv;
  readonly #reads: Batcher<EntryCall, KvEntry>;
  readonly #writes: Batcher<EntryWrite, KvCommit>;

  /** Creates the batches of a store. */
  constructor(kv: Kv) {
    this.#kv = kv;
    this.#reads = new Batcher<EntryCall, KvEntry>({
      send: (requests, callers) => this.#sendReads(requests, callers),
      keyOf,
      ...LIMITS,
    });
    this.#writes = new Batcher<EntryWrite, KvCommit>({
      send: (writes, callers) => Promise.resolve(commitAll(this.#kv, writes, callers)),
      keyOf,
      ...LIMITS,
    });
  }

  /** Reads an entry. */
  read(request: EntryCall, signal: AbortSignal): Promise<KvEntry> {
    return this.#reads.call(request, signal);
  }

  /** Writes an entry. */
  write(write: EntryWrite, signal: AbortSignal): Promise<KvCommit> {
    return this.#writes.call(write, signal);
  }

  async #sendReads(requests: readonly EntryCall[], callers: Callers<EntryCall>): Promise<BatchAnswer<KvEntry>[]> {
    const kv = this.#kv;
    const send = ({ key }: EntryCall): Promise<KvEntry> => kv.get(key, CONSISTENCY);
    if (requests.length === 1 || typeof kv.getMany !== "function") return oneByOne(requests, { send, ...callers });
    try {
      const entries = await kv.getMany(requests.map(({ key }) => key), CONSISTENCY);
      // an answer with too few entries is found out by each call
      return requests.map((_, index) => ({ kind: "answered", answer: entries[index] as KvEntry }));
    } catch (error) {
      // each call repeats its own read
      if (isLocked(error)) throw error;
      // a key that is too large, or an entry of another program that can't be decoded, must not fail the reads of others
      return oneByOne(requests, { send, ...callers });
    }
  }
}

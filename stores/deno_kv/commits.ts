/**
 * Writes of Deno KV that share atomic operations.
 *
 * @module
 */
import type { BatchAnswer, Callers } from "../batching/batcher.ts";
import { isRefused } from "./entries.ts";
import type { Kv, KvCommit, KvKey } from "./kv.ts";

/** A call for one entry. */
export interface EntryCall {
  /** The name of the task, by which entries of a store differ. */
  readonly name: string;
  readonly key: KvKey;
}

/** A write of one entry. */
export interface EntryWrite extends EntryCall {
  readonly value: Uint8Array;
  /** The versionstamp to replace; `null` if there must be no entry. */
  readonly version: string | null;
}

/** A write, and how to answer its call. */
interface PendingWrite {
  readonly write: EntryWrite;
  readonly resolve: (commit: KvCommit) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Sends writes in one atomic operation. If one of its checks fails, or one of the writes is refused, nothing was written, and each
 * half is sent again, until the writes are found that fail. The answers of one half don't wait for the other.
 *
 * @param kv The database.
 * @param writes The writes, of different entries.
 * @param callers Those who wait for the answers. A write for which nobody waits is not sent again.
 * @returns The answers, in the order of the writes.
 */
export function commitAll(
  kv: Kv,
  writes: readonly EntryWrite[],
  callers: Callers<EntryWrite>,
): BatchAnswer<KvCommit>[] {
  const pending: PendingWrite[] = [];
  const answers = writes.map((write): BatchAnswer<KvCommit> => {
    const answer = new Promise<KvCommit>((resolve, reject) => pending.push({ write, resolve, reject }));
    // has no other handler if all callers have ended their calls
    answer.catch(() => {});
    return { kind: "pending", answer };
  });
  void commitParts(kv, pending, callers);
  return answers;
}

/** Sends parts of a batch one after the other, as they share its place. Never rejects. */
async function commitParts(kv: Kv, all: readonly PendingWrite[], { isAwaited }: Callers<EntryWrite>): Promise<void> {
  const parts = [all];
  for (let part = parts.shift(); part; part = parts.shift()) {
    const left = part.filter(({ write }) => !isAwaited(write));
    for (const { reject } of left) reject(new Error("nobody waits for the answer"));
    const sent = part.filter((one) => !left.includes(one));
    if (sent.length === 0 || await commitTogether(kv, sent)) continue;
    const middle = Math.ceil(sent.length / 2);
    parts.unshift(sent.slice(0, middle), sent.slice(middle));
  }
}

/** Sends writes in one atomic operation. Returns `false` if nothing was written and each may succeed on its own. */
async function commitTogether(kv: Kv, pending: readonly PendingWrite[]): Promise<boolean> {
  const isAlone = pending.length === 1;
  try {
    const operation = kv.atomic();
    for (const { write: { key, value, version } } of pending) {
      operation.check({ key, versionstamp: version }).set(key, value);
    }
    // a client without types may return anything
    const answer = await operation.commit() as KvCommit | undefined;
    if (answer?.ok === false && !isAlone) return false;
    for (const { resolve } of pending) resolve(answer as KvCommit);
  } catch (error) {
    if (isRefused(error) && !isAlone) return false;
    for (const { reject } of pending) reject(error);
  }
  return true;
}

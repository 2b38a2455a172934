/**
 * A call of `trigger()` without an answer yet.
 *
 * @module
 */
import type { TriggerResult } from "../results.ts";

/** The promise of a call of `trigger()`, and the functions that settle it. Only the first of their calls has an effect. */
export interface PendingTrigger {
  readonly answer: Promise<TriggerResult>;
  resolve(result: TriggerResult): void;
  reject(error: unknown): void;
}

/** Creates a pending trigger. A rejection without a handler is not reported as unhandled. */
export function pendingTrigger(): PendingTrigger {
  let resolve: PendingTrigger["resolve"] = () => {};
  let reject: PendingTrigger["reject"] = () => {};
  const answer = new Promise<TriggerResult>((...settle) => [resolve, reject] = settle);
  answer.catch(() => {});
  return { answer, resolve, reject };
}

/**
 * A call of `trigger()` that is not answered yet.
 *
 * @module
 */
import type { TriggerResult } from "../results.ts";

/** The answer, and how to give it. Only the first answer counts. */
export interface PendingTrigger {
  readonly answer: Promise<TriggerResult>;
  resolve(result: TriggerResult): void;
  reject(error: unknown): void;
}

/** Creates a pending trigger. A rejection that nobody waits for is not reported as unhandled. */
export function pendingTrigger(): PendingTrigger {
  let resolve: PendingTrigger["resolve"] = () => {};
  let reject: PendingTrigger["reject"] = () => {};
  const answer = new Promise<TriggerResult>((...settle) => [resolve, reject] = settle);
  answer.catch(() => {});
  return { answer, resolve, reject };
}

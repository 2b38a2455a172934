/**
 * A `trigger()` that has not been answered.
 *
 * @module
 */
import type { TriggerResult } from "./results.ts";

/** The answer, and how to give it. */
export interface PendingTrigger {
  readonly answer: Promise<TriggerResult>;
  readonly settle: (result: TriggerResult | Promise<never>) => void;
}

/** Makes one. Whoever does not wait for the answer is not ended by it. */
export function pendingTrigger(): PendingTrigger {
  let settle!: PendingTrigger["settle"];
  const answer = new Promise<TriggerResult>((resolve) => settle = resolve);
  answer.catch(() => {});
  return { answer, settle };
}

/**
 * The answer to `ready()`, by the outcome of the last check.
 *
 * @module
 */
import { cannot } from "../errors.ts";
import type { SchedulerState } from "../results.ts";
import { type PendingAnswer, pendingAnswer } from "./pending_answer.ts";

/** The outcome of the last check. */
type LastCheck =
  /** No check has ended. */
  | { readonly kind: "none" }
  | { readonly kind: "answered" }
  | { readonly kind: "failed"; readonly error: unknown };

const NO_CHECK: LastCheck = { kind: "none" };
const ANSWERED: LastCheck = { kind: "answered" };

/** Keeps the outcome of the last check, and answers calls of `ready()`. Has no timer. */
export class Readiness {
  #lastCheck = NO_CHECK;
  #isStopped = false;
  /** The answer to all calls before the end of the first check. */
  #pending: PendingAnswer<void> | undefined;

  /** Notes that the store has answered, with a usable record or none. */
  answered(): void {
    this.#note(ANSWERED);
  }

  /** Notes that a check has failed. */
  failed(error: unknown): void {
    this.#note({ kind: "failed", error });
  }

  /** Notes that no further check counts. Before the end of the first check, pending and later calls are rejected. */
  stopped(state: SchedulerState): void {
    if (this.#lastCheck.kind === "none") {
      this.failed(new Error(cannot("wait for the first check", "the scheduler was stopped before", state)));
    }
    this.#isStopped = true;
  }

  /**
   * Waits for the first check. Later calls are settled immediately, by the last check.
   *
   * @returns Resolves if the store has answered the check. A rejection without a handler is not reported as unhandled.
   * @throws {unknown} The error of the check, or one that the scheduler was stopped before.
   */
  ready(): Promise<void> {
    const pending = this.#pending ?? pendingAnswer<void>();
    if (this.#lastCheck.kind === "none") this.#pending = pending;
    else settle(pending, this.#lastCheck);
    return pending.answer;
  }

  #note(check: LastCheck): void {
    if (this.#isStopped) return;
    this.#lastCheck = check;
    if (this.#pending) settle(this.#pending, check);
    this.#pending = undefined;
  }
}

function settle({ resolve, reject }: PendingAnswer<void>, check: LastCheck): void {
  if (check.kind === "answered") resolve();
  else if (check.kind === "failed") reject(check.error);
}

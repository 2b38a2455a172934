/**
 * The outcome of `run --once`: that of one run, or the reason why there is none.
 *
 * @module
 */
import type { NeatPeriodicTaskScheduler } from "../../scheduler.ts";
import type { Clock } from "../../time/clock.ts";
import { deferred } from "../deferred.ts";
import { relativeTime } from "../duration_text.ts";
import { EXIT } from "../exit_code.ts";

/** A run that is due within this time is waited for, as the clocks of cron and of the store differ. In milliseconds. */
const SOON_MS = 60_000;

/** How often the scheduler is asked, in milliseconds. */
const POLL_MS = 200;

/** The outcome of a scheduler that runs its task at most once. */
export interface OnceOutcome {
  /** Resolves with the exit code. */
  readonly code: Promise<number>;
  /** The reason why there was no run; `undefined` if there was one. */
  readonly message: string | undefined;
  /** Ends the wait. */
  readonly cancel: () => void;
}

/** Waits for the end of the first run of a scheduler, or for the time at which it has none to start soon. */
export function onceOutcome(scheduler: NeatPeriodicTaskScheduler, clock: Clock): OnceOutcome {
  const { promise, resolve } = deferred<number>();
  const outcome = { code: promise, message: undefined as string | undefined, cancel: () => clock.clearTimer(timer) };
  let timer: unknown;
  const end = (code: number, message?: string): void => {
    outcome.cancel();
    outcome.message ??= message;
    resolve(code);
  };
  scheduler.addEventListener("finished", () => end(EXIT.ok));
  scheduler.addEventListener("failed", () => end(EXIT.failed));
  const poll = (): void => {
    const none = reasonForNoRun(scheduler, clock.nowMs());
    if (none) end(none.code, none.message);
    else timer = clock.setTimer(poll, POLL_MS);
  };
  timer = clock.setTimer(poll, POLL_MS);
  return outcome;
}

function reasonForNoRun(
  scheduler: NeatPeriodicTaskScheduler,
  nowMs: number,
): { readonly code: number; readonly message: string } | undefined {
  const { reason, due, message } = scheduler.explain();
  switch (reason) {
    case "store-error":
      return { code: EXIT.store, message };
    case "not-due":
    case "retry-delay":
      return due.getTime() - nowMs > SOON_MS
        ? { code: EXIT.ok, message: `no run is due: the next one is ${relativeTime(due, nowMs)}` }
        : undefined;
    case "running-elsewhere":
      return { code: EXIT.ok, message: "another replica is running the task" };
    case "paused":
    case "schedule-ended":
      return { code: EXIT.ok, message };
    case "schedule-error":
    case "foreign-record":
    case "newer-record":
    case "last-term":
    case "too-many-abandoned":
      return { code: EXIT.failed, message };
    default:
      return undefined;
  }
}

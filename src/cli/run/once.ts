/**
 * The outcome of `run --once`: that of one run, or the reason why there is none.
 *
 * @module
 */
import type { NeatPeriodicTaskScheduler } from "../../scheduler.ts";
import type { StatusStore } from "../../store/store.ts";
import { withDeadline } from "../../store/deadline.ts";
import { MAX_CALL_MS } from "../../store/record_store.ts";
import type { Clock } from "../../time/clock.ts";
import { deferred } from "../deferred.ts";
import { relativeTime } from "../duration_text.ts";
import { EXIT } from "../exit_code.ts";
import { messageOf } from "../store_access.ts";
import type { RunSettings } from "./run_settings.ts";

/** A run that is due within this time is waited for, as the clocks of cron and of the store differ. In milliseconds. */
const SOON_MS = 60_000;

/**
 * Returns whether the first run of a task is due: it has no record, and a due time was within the last minute. Otherwise a scheduler
 * would wait for the next due time, which is the next line of a crontab.
 */
export async function isDueAtFirstRun(
  store: StatusStore,
  { name, dueTimes }: Pick<RunSettings, "name" | "dueTimes">,
  clock: Clock,
): Promise<boolean> {
  const nowMs = clock.nowMs();
  if ("interval" in dueTimes) return false;
  const dueMs = dueTimes.schedule.next(new Date(nowMs - SOON_MS))?.getTime() ?? Infinity;
  if (dueMs > nowMs) return false;
  try {
    const { signal } = new AbortController();
    return await withDeadline(clock, MAX_CALL_MS, signal, (options) => store.read(name, options)) === null;
  } catch {
    // the scheduler reads again, and reports it
    return false;
  }
}

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
  let storeError: unknown;
  scheduler.addEventListener("storeerror", ({ error }) => storeError = error);
  scheduler.addEventListener("finished", () => end(EXIT.ok));
  scheduler.addEventListener("failed", () => end(EXIT.failed));
  const poll = (): void => {
    const none = reasonForNoRun(scheduler, clock.nowMs(), storeError);
    if (none) end(none.code, none.message);
    else timer = clock.setTimer(poll, POLL_MS);
  };
  timer = clock.setTimer(poll, POLL_MS);
  return outcome;
}

function reasonForNoRun(
  scheduler: NeatPeriodicTaskScheduler,
  nowMs: number,
  storeError: unknown,
): { readonly code: number; readonly message: string } | undefined {
  const { reason, due, message: text } = scheduler.explain();
  // this process makes no further check
  const message = text.replace(/\. The next check is at .*/, "");
  switch (reason) {
    case "store-error":
      return {
        code: EXIT.store,
        message: storeError === undefined ? message : `the store fails: ${messageOf(storeError)}`,
      };
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

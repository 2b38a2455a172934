/**
 * The checks that any store must pass, for any test runner.
 *
 * @module
 */
import { type Duration, durationMs } from "../time/duration.ts";
import { refusal, refuse } from "../errors.ts";
import { UNPRINTABLE } from "../record/status_record.ts";
import type { StatusStore } from "../store/store.ts";
import { MAX_CALL_MS } from "../time/delay.ts";
import { Bench, type BenchSettings, type Check } from "./bench.ts";
import { BYTE_CHECKS } from "./checks/byte_checks.ts";
import { KEY_CHECKS } from "./checks/key_checks.ts";
import { RACE_CHECKS } from "./checks/race_checks.ts";
import { READ_CHECKS } from "./checks/read_checks.ts";
import { SCHEDULER_CHECKS } from "./checks/scheduler_checks.ts";
import { SERVER_CHECKS } from "./checks/server_checks.ts";
import { SIGNAL_CHECKS } from "./checks/signal_checks.ts";
import { VERSION_CHECKS } from "./checks/version_checks.ts";
import { WRITE_CHECKS } from "./checks/write_checks.ts";
import { checkOptions } from "./options.ts";

/** A check of a store, to be run as a test. */
export interface StoreCheck {
  /** What the store does, as a sentence. */
  readonly name: string;
  /**
   * Runs the check with clients and keys of its own, so that checks may run in any order and at once.
   *
   * Rejects if the store is not as it must be, with what must be and what was found. Rejects, too, if the check can't be run
   * with the options given.
   */
  readonly run: () => Promise<void>;
  /** Why the check can't be run with the options given: report it as skipped. Absent for all others. */
  readonly skipped?: string;
}

/** What {@linkcode storeChecks} is told of a store. */
export interface StoreChecksOptions {
  /**
   * Makes a client of the store: one that shares nothing with those made before but the place of the records. A store in the
   * memory of one process may answer with the same object each time. Each check opens two clients or three.
   */
  readonly open: () => StatusStore | Promise<StatusStore>;
  /** Closes a client. Called for each that was opened, when its check is over. */
  readonly close?: ((store: StatusStore) => unknown) | undefined;
  /**
   * Makes a client whose server takes requests and never answers, and that gives a call up by itself after the given number of
   * milliseconds. Two checks need it; where a store has no server, they remain skipped.
   */
  readonly openHung?: ((limitMs: number) => StatusStore | Promise<StatusStore>) | undefined;
  /**
   * Makes a client whose server can't be reached, or answers each request with an error. One check needs it; where a store has
   * no server, it remains skipped.
   */
  readonly openFailing?: (() => StatusStore | Promise<StatusStore>) | undefined;
  /**
   * What keys begin with, at most 64 characters. A random id follows, so that no run meets the records of another.
   * @default {`check-`}
   */
  readonly keyPrefix?: string | undefined;
  /**
   * Keys that take more bytes than this as UTF-8 may be refused by an error, but never cut. A task's name has at most 500
   * characters, which may take 1,500 bytes.
   * @default {1,000}
   */
  readonly maxKeyBytes?: number | undefined;
  /**
   * How many rounds each race has, however long they take.
   * @default {as many as `raceTime` allows, at least 1 and at most 1,000}
   */
  readonly raceRounds?: number | undefined;
  /** How long each race goes on, if `raceRounds` is not given.  @default {10 seconds} */
  readonly raceTime?: Duration | undefined;
  /** How long any call may take.  @default {10 seconds, for which a scheduler waits} */
  readonly callLimit?: Duration | undefined;
  /**
   * Whether the store may give a record the version of an earlier one that had the very same bytes. It does no harm, as no two
   * records of a scheduler have. One check is skipped then.
   * @default {false}
   */
  readonly equalBodiesMayShareVersions?: boolean | undefined;
  /** Told how many rounds the races had, and of warnings of schedulers, a line each.  @default {nobody} */
  readonly report?: ((line: string) => unknown) | undefined;
}

const DOING = "make the store checks";

const TYPES = {
  open: "required function",
  close: "function",
  openHung: "function",
  openFailing: "function",
  keyPrefix: "string",
  maxKeyBytes: "number",
  raceRounds: "number",
  raceTime: "any",
  callLimit: "any",
  equalBodiesMayShareVersions: "boolean",
  report: "function",
};

/** The shortest of the long names have 100 characters, with the prefix and a random id in them. */
const MAX_PREFIX_LENGTH = 64;

/** All checks, the simple ones first. */
const CHECKS: readonly Check[] = [
  ...WRITE_CHECKS,
  ...VERSION_CHECKS,
  ...READ_CHECKS,
  ...BYTE_CHECKS,
  ...KEY_CHECKS,
  ...SIGNAL_CHECKS,
  ...SERVER_CHECKS,
  ...RACE_CHECKS,
  ...SCHEDULER_CHECKS,
];

/**
 * Makes the checks that a store must pass before schedulers can rely on it.
 *
 * Each is a name and an asynchronous function that rejects if the store fails, so that they run under any test runner. They
 * leave their records behind, as a store has no way to delete: use a database, bucket or folder for tests. Besides keys that
 * begin with `keyPrefix` they use a few that are odd as a whole, such as `..`; data of others there is never overwritten.
 *
 * @param options How to open clients of the store, and what it can't do.
 * @returns The checks, in an order in which the first to fail tells the most.
 * @throws {TypeError} If an option is missing, unknown or of the wrong type.
 * @throws {RangeError} If an option's value can't be used.
 *
 * @example Under `deno test`; `test()` of node:test, vitest and bun:test takes a name and a function alike
 * ```ts
 * import { MemoryStore } from "@neat/periodic-task";
 * import { storeChecks } from "@neat/periodic-task/testing";
 *
 * const store = new MemoryStore();
 * for (const { name, run, skipped } of storeChecks({ open: () => store })) {
 *   Deno.test({ name: `MemoryStore: ${name}`, ignore: skipped !== undefined, fn: run });
 * }
 * ```
 *
 * @example Without a test runner
 * ```ts
 * import { MemoryStore } from "@neat/periodic-task";
 * import { storeChecks } from "@neat/periodic-task/testing";
 *
 * const store = new MemoryStore();
 * let passed = 0;
 * for (const check of storeChecks({ open: () => store, raceRounds: 10 })) {
 *   if (check.skipped) continue;
 *   await check.run();
 *   passed++;
 * }
 * console.assert(passed > 20);
 * ```
 */
export function storeChecks(options: StoreChecksOptions): StoreCheck[] {
  const settings = settingsOf(options);
  return CHECKS.map((check) => {
    const { name } = check;
    const skipped = check.skipped?.(settings);
    if (skipped === undefined) return { name, run: () => Bench.run(settings, check) };
    // a runner that pays no heed to `skipped` must not count it as a pass
    const run = (): Promise<void> => Promise.reject(new Error(refusal("it is skipped", skipped, "run the check")));
    return { name, skipped, run };
  });
}

function settingsOf(options: StoreChecksOptions): BenchSettings {
  checkOptions(options, TYPES, DOING);
  const { keyPrefix = "check-", maxKeyBytes = 1_000, raceRounds, raceTime = 10_000, callLimit = MAX_CALL_MS } = options;
  if (keyPrefix.length > MAX_PREFIX_LENGTH || keyPrefix.search(UNPRINTABLE) >= 0) {
    refuse(RangeError, `"keyPrefix" must be at most ${MAX_PREFIX_LENGTH} printable characters`, keyPrefix, DOING);
  }
  for (const [option, count] of [["maxKeyBytes", maxKeyBytes], ["raceRounds", raceRounds ?? 1]] as const) {
    if (!Number.isSafeInteger(count) || count < 1) {
      refuse(RangeError, `"${option}" must be a whole number from 1 on`, count, DOING);
    }
  }
  return {
    open: options.open,
    close: options.close,
    openHung: options.openHung,
    openFailing: options.openFailing,
    keyPrefix,
    maxKeyBytes,
    raceRounds,
    raceMs: durationMs(raceTime, "raceTime", DOING),
    callLimitMs: durationMs(callLimit, "callLimit", DOING),
    equalBodiesMayShareVersions: options.equalBodiesMayShareVersions ?? false,
    report: options.report,
  };
}

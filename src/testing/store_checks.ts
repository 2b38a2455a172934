/**
 * The checks that every store must pass, for any test runner.
 *
 * @module
 */
import { cannot } from "../errors.ts";
import { checkOptions, type OptionTypes } from "../option_checks.ts";
import { isPrintable } from "../record/text.ts";
import { MAX_CALL_MS } from "../store/record_store.ts";
import type { StatusStore } from "../store/store.ts";
import { type Duration, durationMs } from "../time/duration.ts";
import { type Check, CheckContext, type CheckSettings } from "./check_context.ts";
import { BYTE_CHECKS } from "./checks/byte_checks.ts";
import { KEY_CHECKS } from "./checks/key_checks.ts";
import { LIST_CHECKS } from "./checks/list_checks.ts";
import { RACE_CHECKS } from "./checks/race_checks.ts";
import { READ_CHECKS } from "./checks/read_checks.ts";
import { READ_MANY_CHECKS } from "./checks/read_many_checks.ts";
import { SCHEDULER_CHECKS } from "./checks/scheduler_checks.ts";
import { SERVER_CHECKS } from "./checks/server_checks.ts";
import { SIGNAL_CHECKS } from "./checks/signal_checks.ts";
import { VERSION_CHECKS } from "./checks/version_checks.ts";
import { WATCH_CHECKS } from "./checks/watch_checks.ts";
import { WRITE_CHECKS } from "./checks/write_checks.ts";

/** A check of a store, to run as a test. */
export interface StoreCheck {
  /** The rule that is checked, as a sentence. */
  readonly name: string;
  /**
   * Runs the check with clients and keys of its own. Checks may run in any order and concurrently.
   *
   * Rejects if the store breaks the rule; the error has the rule and the value that breaks it. Rejects, too, if the check is
   * skipped.
   */
  readonly run: () => Promise<void>;
  /** Why the check can't run with these options: report it as skipped. Absent if it can run. */
  readonly skipped?: string;
}

/** Options of {@linkcode storeChecks}. */
export interface StoreChecksOptions {
  /**
   * Opens a client of the store. Clients must share nothing but the records. A store in the memory of one process may return the
   * same object each time. Each check opens two or three clients.
   */
  readonly open: () => StatusStore | Promise<StatusStore>;
  /** Closes a client. Called for each one that was opened, after its check. */
  readonly close?: ((store: StatusStore) => unknown) | undefined;
  /**
   * Opens a client of a server that accepts requests and never answers. The client must end a call by itself after the given
   * number of milliseconds. Two checks need it and are skipped without it, as for a store that has no server.
   */
  readonly openHung?: ((limitMs: number) => StatusStore | Promise<StatusStore>) | undefined;
  /**
   * Opens a client of a server that can't be reached, or that answers each request with an error. One check needs it and is
   * skipped without it, as for a store that has no server.
   */
  readonly openFailing?: (() => StatusStore | Promise<StatusStore>) | undefined;
  /**
   * The beginning of all keys, at most 64 characters. A random id follows, so that no two runs share records.
   * @default {`check-`}
   */
  readonly keyPrefix?: string | undefined;
  /**
   * The store may reject keys that take more bytes of UTF-8, but must never cut them. The name of a task has at most 500
   * characters, which take at most 1,500 bytes.
   * @default {1,000}
   */
  readonly maxKeyBytes?: number | undefined;
  /**
   * How many rounds each race has.
   * @default {as many as `raceTime` allows, at least 1 and at most 1,000}
   */
  readonly raceRounds?: number | undefined;
  /** How long each race takes, if `raceRounds` is absent.  @default {10 seconds} */
  readonly raceTime?: Duration | undefined;
  /** How long a call may take.  @default {10 seconds, as in a scheduler} */
  readonly callLimit?: Duration | undefined;
  /**
   * Whether a record may get the version of an earlier one with the same bytes. That is safe, as a scheduler never writes the
   * same bytes twice. One check is skipped then.
   * @default {false}
   */
  readonly equalBodiesMayShareVersions?: boolean | undefined;
  /** Receives the number of rounds of each race, the warnings of schedulers and the optional methods that are absent, a line each.  @default {none} */
  readonly report?: ((line: string) => unknown) | undefined;
}

const OPTION_TYPES: OptionTypes = {
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

const MAKE = "make the store checks";

/** Leaves room for a random id in keys of 100 characters. */
const MAX_PREFIX_LENGTH = 64;

/** All checks, the simplest first. */
const CHECKS: readonly Check[] = [
  ...WRITE_CHECKS,
  ...VERSION_CHECKS,
  ...READ_CHECKS,
  ...BYTE_CHECKS,
  ...KEY_CHECKS,
  ...SIGNAL_CHECKS,
  ...READ_MANY_CHECKS,
  ...LIST_CHECKS,
  ...WATCH_CHECKS,
  ...SERVER_CHECKS,
  ...RACE_CHECKS,
  ...SCHEDULER_CHECKS,
];

/**
 * Makes the checks that a store must pass before schedulers can rely on it.
 *
 * Each check is a name and an asynchronous function that rejects if the store fails, so that it runs under any test runner. The
 * records of the checks stay, as a store can't delete: use a database, bucket or folder for tests. The keys begin with
 * `keyPrefix`, but for a few special ones such as `..`; data of other programs there is never overwritten. The checks of the optional
 * methods `readMany`, `list` and `watch` pass for a store without them, and `report` says so.
 *
 * @param options How to open clients of the store, and its limits.
 * @returns The checks, the simplest first: the first that fails says the most.
 * @throws {TypeError} If an option is missing, unknown or of the wrong type.
 * @throws {RangeError} If the value of an option can't be used.
 *
 * @example Under `deno test`; `test()` of node:test, vitest and bun:test also take a name and a function
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
  const settings = checkSettings(options);
  return CHECKS.map((check) => {
    const { name } = check;
    const skipped = check.skipped?.(settings);
    if (skipped === undefined) return { name, run: () => CheckContext.run(settings, check) };
    // a runner that ignores `skipped` must not report a pass
    const error = new Error(`Cannot run the check as it is skipped: current value is ${skipped}`);
    const run = (): Promise<void> => Promise.reject(error);
    return { name, skipped, run };
  });
}

function checkSettings(options: StoreChecksOptions): CheckSettings {
  checkOptions(options, OPTION_TYPES, MAKE, { hidesValues: true });
  const { keyPrefix = "check-", maxKeyBytes = 1_000, raceRounds, raceTime = 10_000, callLimit = MAX_CALL_MS } = options;
  if (keyPrefix.length > MAX_PREFIX_LENGTH || !isPrintable(keyPrefix)) {
    const state = `"keyPrefix" must be at most ${MAX_PREFIX_LENGTH} printable characters`;
    throw new RangeError(cannot(MAKE, state, keyPrefix));
  }
  checkCount("maxKeyBytes", maxKeyBytes);
  if (raceRounds !== undefined) checkCount("raceRounds", raceRounds);
  return {
    open: options.open,
    close: options.close,
    openHung: options.openHung,
    openFailing: options.openFailing,
    keyPrefix,
    maxKeyBytes,
    raceRounds,
    raceMs: durationMs(raceTime, "raceTime", MAKE),
    callLimitMs: durationMs(callLimit, "callLimit", MAKE),
    equalBodiesMayShareVersions: options.equalBodiesMayShareVersions ?? false,
    report: options.report,
  };
}

function checkCount(option: string, count: number): void {
  if (Number.isSafeInteger(count) && count >= 1) return;
  throw new RangeError(cannot(MAKE, `"${option}" must be a whole number of at least 1`, count));
}

/**
 * Faults of the hints of a watch, and the plan that chooses them.
 *
 * @module
 */
import { cannot } from "../errors.ts";
import { checkOptions, type OptionTypes } from "../option_checks.ts";
import { type Duration, durationMs } from "../time/duration.ts";

/**
 * What becomes of a hint.
 *
 * | kind     | the watcher gets                    |
 * | -------- | ----------------------------------- |
 * | `lose`   | nothing                             |
 * | `delay`  | the hint after the delay            |
 * | `double` | the hint twice                      |
 * | `end`    | the end of the watch, without error |
 * | `fail`   | an error, which ends the watch      |
 */
export type HintFaultKind = "lose" | "delay" | "double" | "end" | "fail";

/** The fault of one hint. */
export interface HintFault {
  /** What becomes of the hint. */
  readonly kind: HintFaultKind;
  /** The delay of `delay`.  @default {1 second} */
  readonly delay?: Duration | undefined;
  /** The error of `fail`.  @default {an `InjectedFaultError`} */
  readonly error?: unknown;
}

/** A hint of the wrapped store, as the script gets it. */
export interface StoreHint {
  /** The watched key. */
  readonly key: string;
  /** The number of the hint among all, from 1. */
  readonly count: number;
}

/** The probability of each kind of fault of a hint, from 0 to 1. A kind that is absent has 0. */
export type HintFaultRates = { readonly [Kind in HintFaultKind]?: number | undefined };

/** All kinds. Their order decides which faults a seed gives. */
export const HINT_FAULT_KINDS: readonly HintFaultKind[] = ["lose", "delay", "double", "end", "fail"];

const OPTION_TYPES: OptionTypes = { kind: "required string", delay: "any", error: "any" };

const DEFAULT_DELAY_MS = 1_000;

/**
 * Checks a fault.
 *
 * @returns Its delay.
 */
export function checkHintFault(fault: HintFault): number {
  const action = "inject the fault";
  checkOptions(fault, OPTION_TYPES, action, { hidesValues: true });
  if (!HINT_FAULT_KINDS.includes(fault.kind)) {
    throw new RangeError(cannot(action, `"kind" must be one of ${HINT_FAULT_KINDS.join(", ")}`, fault.kind));
  }
  return durationMs(fault.delay ?? DEFAULT_DELAY_MS, "delay", action);
}

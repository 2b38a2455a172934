/**
 * Faults of calls to a store.
 *
 * @module
 */
import { cannot } from "../errors.ts";
import { checkOptions, type OptionTypes } from "../option_checks.ts";
import { type Duration, durationMs } from "../time/duration.ts";
import type { HintFaultKind } from "./hint_fault.ts";

/**
 * How a call fails.
 *
 * | kind          | the call takes effect    | the caller gets                                    |
 * | ------------- | ------------------------ | -------------------------------------------------- |
 * | `failBefore`  | never                    | an error immediately                                   |
 * | `failAfter`   | immediately                  | an error afterwards                                |
 * | `delay`       | after the delay          | the answer then                                    |
 * | `answerLate`  | immediately                  | the answer after the delay                         |
 * | `neverAnswer` | never, or immediately        | an error when its signal aborts                    |
 * | `landLate`    | the delay after its end  | an error immediately, or when its signal aborts        |
 *
 * A read, of one or of many records, or a list has no effect that could come late: with `landLate` it only rejects. The fault of a list applies to its first
 * step.
 */
export type FaultKind = "failBefore" | "failAfter" | "delay" | "answerLate" | "neverAnswer" | "landLate";

/** The fault of one call. */
export interface Fault {
  /** How the call fails. */
  readonly kind: FaultKind;
  /** The delay of `delay`, `answerLate` and `landLate`.  @default {1 second} */
  readonly delay?: Duration | undefined;
  /** Whether a call with `neverAnswer` takes effect.  @default {false} */
  readonly takesEffect?: boolean | undefined;
  /**
   * Whether a call with `landLate` is pending until its signal aborts, instead of failing immediately. Without a signal it stays
   * pending, and its delay starts with the call.
   * @default {false}
   */
  readonly hangs?: boolean | undefined;
  /** Whether the call ignores its signal.  @default {false} */
  readonly ignoresSignal?: boolean | undefined;
  /** The error of a call that fails.  @default {an `InjectedFaultError`} */
  readonly error?: unknown;
}

/** A call to a {@linkcode FaultyStore}, as its script gets it. */
export interface StoreCall {
  /** The method. */
  readonly kind: "read" | "readMany" | "write" | "list";
  /** The number of the call among those of its method, from 1. */
  readonly count: number;
  /** The number of the call among all, from 1. */
  readonly total: number;
  /** The key; empty for a list, and for a read of many records. */
  readonly key: string;
  /** The keys of a read of many records. */
  readonly keys?: readonly string[];
  /** The record to write. */
  readonly value?: Uint8Array;
  /** The version to replace, or `null`. */
  readonly version?: string | null;
}

/** The error of a call or a watch that fails by a fault. */
export class InjectedFaultError extends Error {
  /** Always `InjectedFaultError`. */
  override readonly name: string = "InjectedFaultError";
  /** How the call failed. */
  readonly kind: FaultKind | HintFaultKind;

  /**
   * Creates the error of a call.
   *
   * @param kind How the call failed.
   * @param call The method.
   */
  constructor(kind: FaultKind | HintFaultKind, call: StoreCall["kind"] | "watch") {
    const action = call === "readMany" ? "read the records" : `${call} the record`;
    super(`Cannot ${action} as a fault was injected: current value is ${kind}`);
    this.kind = kind;
  }
}

/** All kinds. Their order decides which faults a seed gives. */
export const FAULT_KINDS: readonly FaultKind[] = [
  "failBefore",
  "failAfter",
  "delay",
  "answerLate",
  "neverAnswer",
  "landLate",
];

const OPTION_TYPES: OptionTypes = {
  kind: "required string",
  delay: "any",
  takesEffect: "boolean",
  hangs: "boolean",
  ignoresSignal: "boolean",
  error: "any",
};

const DEFAULT_DELAY_MS = 1_000;

/**
 * Checks a fault.
 *
 * @returns Its delay.
 */
export function checkFault(fault: Fault): number {
  const action = "inject the fault";
  checkOptions(fault, OPTION_TYPES, action, { hidesValues: true });
  if (!FAULT_KINDS.includes(fault.kind)) {
    throw new RangeError(cannot(action, `"kind" must be one of ${FAULT_KINDS.join(", ")}`, fault.kind));
  }
  return durationMs(fault.delay ?? DEFAULT_DELAY_MS, "delay", action);
}

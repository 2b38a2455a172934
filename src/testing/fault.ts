/**
 * What can go wrong with a call to a store.
 *
 * @module
 */
import type { Duration } from "../time/duration.ts";
import { durationMs } from "../time/duration.ts";
import { refusal, refuse } from "../errors.ts";
import { checkOptions } from "./options.ts";

/**
 * How a call goes wrong.
 *
 * | kind          | takes effect            | answers                                                     |
 * | ------------- | ----------------------- | ----------------------------------------------------------- |
 * | `failBefore`  | never                   | rejects at once                                             |
 * | `failAfter`   | at once                 | rejects then                                                |
 * | `delay`       | after the delay         | then                                                        |
 * | `answerLate`  | at once                 | after the delay                                             |
 * | `neverAnswer` | never, or at once       | rejects when its signal aborts                              |
 * | `landLate`    | a delay after its end   | rejects at once, or when its signal aborts                  |
 *
 * A read has no effect that could land late: of it, `landLate` leaves the rejection.
 */
export type FaultKind = "failBefore" | "failAfter" | "delay" | "answerLate" | "neverAnswer" | "landLate";

/** A fault of one call. */
export interface Fault {
  /** How the call goes wrong. */
  readonly kind: FaultKind;
  /** How long `delay`, `answerLate` and `landLate` take.  @default {1 second} */
  readonly delay?: Duration | undefined;
  /** Whether a call that is never answered takes effect.  @default {false} */
  readonly takesEffect?: boolean | undefined;
  /**
   * Whether a call that lands late is under way until its signal aborts, instead of failing at once. Without a signal it stays
   * so, and its delay begins with the call.
   * @default {false}
   */
  readonly hangs?: boolean | undefined;
  /** Whether the call goes on when its signal aborts, as if there were none.  @default {false} */
  readonly ignoresSignal?: boolean | undefined;
  /** What a call that fails rejects with.  @default {an `InjectedFaultError`} */
  readonly error?: unknown;
}

/** A call to a {@linkcode FaultyStore}, as its script sees it. */
export interface StoreCall {
  /** Which method was called. */
  readonly kind: "read" | "write";
  /** The how-manieth call of its kind it is, from 1 on. */
  readonly count: number;
  /** The how-manieth call of all it is, from 1 on. */
  readonly total: number;
  /** The key. */
  readonly key: string;
  /** The record that is to be written. */
  readonly value?: Uint8Array;
  /** The version that is to be replaced, or `null`. */
  readonly version?: string | null;
}

/** What a call that fails on purpose rejects with, unless its fault names another error. */
export class InjectedFaultError extends Error {
  /** Always `InjectedFaultError`. */
  override readonly name: string = "InjectedFaultError";
  /** How the call went wrong. */
  readonly kind: FaultKind;

  /**
   * Makes the error of a call.
   *
   * @param kind How the call went wrong.
   * @param call Which method was called.
   */
  constructor(kind: FaultKind, call: StoreCall["kind"]) {
    super(refusal("a fault was injected", kind, `${call} the record`));
    this.kind = kind;
  }
}

/** All kinds. A seed's faults hang on their order. */
export const FAULT_KINDS: readonly FaultKind[] = [
  "failBefore",
  "failAfter",
  "delay",
  "answerLate",
  "neverAnswer",
  "landLate",
];

const TYPES = {
  kind: "required string",
  delay: "any",
  takesEffect: "boolean",
  hangs: "boolean",
  ignoresSignal: "boolean",
  error: "any",
};

const DEFAULT_DELAY_MS = 1_000;

/** Refuses what is no fault, and reads its delay. */
export function delayMsOf(fault: Fault): number {
  const doing = "inject the fault";
  checkOptions(fault, TYPES, doing);
  if (!FAULT_KINDS.includes(fault.kind)) {
    refuse(RangeError, `"kind" must be one of ${FAULT_KINDS.join(", ")}`, fault.kind, doing);
  }
  return durationMs(fault.delay ?? DEFAULT_DELAY_MS, "delay", doing);
}

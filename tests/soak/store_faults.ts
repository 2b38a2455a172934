/**
 * Plans faults of a store that has no network to put a proxy into.
 *
 * @module
 */
import { type Fault, FAULT_KINDS } from "../../src/testing/fault.ts";
import type { Random } from "../../internal/replicas/disruption.ts";
import type { PhaseKind } from "./plan.ts";

/** A fault and its name in the table. */
export interface StoreFault {
  readonly label: string;
  readonly fault: Fault;
}

const MIXED_RATE = 0.4;
const BURST_RATE = 0.8;
const MAX_DELAY_MS = 2_000;

/** Draws the fault of the next call in a phase. */
export function drawStoreFault(phase: PhaseKind, random: Random): StoreFault | undefined {
  switch (phase) {
    case "calm":
    // of servers alone
    case "hung":
    case "restart":
      return undefined;
    case "down":
      return { label: "down", fault: { kind: "failBefore" } };
    case "silent":
      return { label: "silent", fault: { kind: "neverAnswer" } };
    case "503":
    case "429": {
      const error = new Error(phase === "503" ? "database is locked" : "too many requests");
      return random() < BURST_RATE ? { label: error.message, fault: { kind: "failBefore", error } } : undefined;
    }
    case "mixed":
      return random() < MIXED_RATE ? anyFault(random) : undefined;
  }
}

function anyFault(random: Random): StoreFault {
  const kind = FAULT_KINDS[Math.floor(random() * FAULT_KINDS.length)]!;
  const delay = Math.ceil(random() * MAX_DELAY_MS);
  const [takesEffect, hangs] = [random() < 0.5, random() < 0.5];
  // a call that hangs must end with its signal, as the replica logs the ends of its calls
  const ignoresSignal = (kind === "delay" || kind === "answerLate") && random() < 0.5;
  return { label: kind, fault: { kind, delay, takesEffect, hangs, ignoresSignal } };
}

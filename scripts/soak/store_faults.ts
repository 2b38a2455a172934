/**
 * What goes wrong in a store that no proxy can stand before. Pure.
 *
 * @module
 */
import { type Fault, FAULT_KINDS } from "../../src/testing/fault.ts";
import type { Chance, PhaseKind } from "./plan.ts";

/** A fault, and what it is called in the table. */
export interface StoreFault {
  readonly label: string;
  readonly fault: Fault;
}

const MIXED_RATE = 0.4;
const BURST_RATE = 0.8;
const LONGEST_DELAY_MS = 2_000;

/** What goes wrong with the next call in such a phase. */
export function storeFaultOf(phase: PhaseKind, random: Chance): StoreFault | undefined {
  switch (phase) {
    case "calm":
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

function anyFault(random: Chance): StoreFault {
  const kind = FAULT_KINDS[Math.floor(random() * FAULT_KINDS.length)]!;
  const delay = Math.ceil(random() * LONGEST_DELAY_MS);
  const [takesEffect, hangs] = [random() < 0.5, random() < 0.5];
  // a call that hangs has to end with its signal: what logs the replica's calls waits for their ends
  const ignoresSignal = (kind === "delay" || kind === "answerLate") && random() < 0.5;
  return { label: kind, fault: { kind, delay, takesEffect, hangs, ignoresSignal } };
}

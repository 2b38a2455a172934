/** One simulated process with its machine and its network, and nothing else. */
import { Machine } from "../../src/simulator/machine.ts";
import { Network } from "../../src/simulator/network.ts";
import { Process } from "../../src/simulator/process.ts";
import { Stats } from "../../src/simulator/stats.ts";
import { StoreClock } from "../../src/simulator/store_clock.ts";
import { VirtualClock } from "../../src/simulator/virtual_clock.ts";

export interface ProcessFixture {
  readonly clock: VirtualClock;
  readonly network: Network;
  readonly stats: Stats;
  readonly machine: Machine;
  readonly process: Process;
  /** Advances the time. */
  readonly advance: (ms: number) => Promise<void>;
  /** What was noted, each with its time. */
  readonly notes: string[];
  readonly note: (what: string) => void;
}

export interface ProcessOptions {
  /** A fault that each call has.  @default {none} */
  readonly fault?: string;
  /** How fast its clocks run. */
  readonly rate?: number;
  readonly obeysSignals?: boolean;
}

/** Makes a process. */
export function newProcess({ fault = "", rate = 1, obeysSignals = true }: ProcessOptions = {}): ProcessFixture {
  const clock = new VirtualClock();
  const stats = new Stats();
  const traits = { latencyMs: 10, faultRate: fault ? 1 : 0, maxDelayMs: 5_000, faults: new Set([fault]) };
  const network = new Network(clock, traits, stats);
  const machine = new Machine(clock, 1, { index: 0, offsetMs: 0, rate, lagMs: 0, obeysSignals });
  const notes: string[] = [];
  return {
    clock,
    network,
    stats,
    machine,
    process: new Process({ clock, network, storeClock: new StoreClock(clock, 0) }, machine),
    advance: (ms) => clock.runUntil(clock.elapsedMs + ms),
    notes,
    note: (what) => void notes.push(`${Math.round(clock.elapsedMs)} ${what}`),
  };
}

/**
 * A machine on which the processes of one replica run one after another.
 *
 * @module
 */
import { type ClockTraits, MachineClock } from "./machine_clock.ts";
import type { OutageMode } from "./network.ts";
import { RandomStream } from "./random_stream.ts";
import type { VirtualClock } from "./virtual_clock.ts";

/** A time in which a process stands still. */
export interface Pause {
  readonly fromMs: number;
  /** Infinite as long as it lasts. */
  toMs: number;
  /** Whether the whole machine is suspended, and its monotonic clock with it. */
  readonly isSuspend: boolean;
}

/** What a machine is like. */
export interface MachineTraits extends ClockTraits {
  readonly index: number;
  /** How late its timers fire at most. */
  readonly lagMs: number;
  /** Whether its store clients reject as soon as their signals abort. */
  readonly obeysSignals: boolean;
}

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

/** The index of the machine of an operator. */
export const OPERATOR_INDEX = -1;

/** Returns the name of a machine: one letter, or several after the 26th. */
function nameOf(index: number): string {
  if (index === OPERATOR_INDEX) return "op";
  const letter = LETTERS.charAt(index % LETTERS.length);
  return index < LETTERS.length ? letter : nameOf(Math.floor(index / LETTERS.length) - 1) + letter;
}

/** Returns the index of the random numbers of a machine. Those of the operator come after those of the first 26 replicas. */
function streamIndex(index: number): number {
  if (index === OPERATOR_INDEX) return LETTERS.length;
  return index < LETTERS.length ? index : index + 1;
}

/** One machine. */
export class Machine {
  readonly index: number;
  /** Letters; that of an operator is `op`. */
  readonly name: string;
  readonly traits: MachineTraits;
  readonly clock: MachineClock;
  /** How its calls to servers go. */
  readonly networkRandom: RandomStream;
  /** How late its timers are. */
  readonly timerRandom: RandomStream;
  /** What the code on it draws. */
  readonly codeRandom: RandomStream;
  /** How its calls fail, while it is partitioned off. */
  partition: OutageMode | undefined;
  /** When its process stood still. */
  readonly pauses: Pause[] = [];
  /** How many processes were started on it. */
  processes = 0;

  constructor(clock: VirtualClock, seed: number, traits: MachineTraits) {
    this.index = traits.index;
    this.name = nameOf(traits.index);
    this.traits = traits;
    this.clock = new MachineClock(clock, traits);
    const stream = streamIndex(traits.index);
    this.networkRandom = new RandomStream(seed, "network", stream);
    this.timerRandom = new RandomStream(seed, "timers", stream);
    this.codeRandom = new RandomStream(seed, "userCode", stream);
  }

  /** Ends the pauses of the process before: a machine that starts a process is not suspended. */
  endPauses(atMs: number): void {
    this.clock.resume();
    for (const pause of this.pauses) pause.toMs = Math.min(pause.toMs, atMs);
  }

  /** The longest pause between two true times, as far as it lies between them. */
  longestPauseMs(fromMs: number, toMs: number): number {
    let longestMs = 0;
    for (const pause of this.pauses) {
      if (pause.toMs >= fromMs && pause.fromMs <= toMs) {
        longestMs = Math.max(longestMs, Math.min(pause.toMs, toMs) - pause.fromMs);
      }
    }
    return longestMs;
  }

  /** Whether it was suspended between two true times, so that its timers fired late. */
  wasSuspended(fromMs: number, toMs: number): boolean {
    return this.pauses.some((pause) => pause.isSuspend && pause.toMs >= fromMs && pause.fromMs <= toMs);
  }

  /** Whether its wall clock was set between two true times. */
  hasJumped(fromMs: number, toMs: number): boolean {
    return this.clock.jumps.some((atMs) => atMs >= fromMs && atMs <= toMs);
  }
}

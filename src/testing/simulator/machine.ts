/**
 * A machine with its clocks and its troubles, on which one process after another runs.
 *
 * @module
 */
import { Chance } from "./chance.ts";
import { type ClockTraits, MachineClock } from "./machine_clock.ts";
import type { OutageMode } from "./network.ts";
import type { VirtualTime } from "./virtual_time.ts";

/** A stretch of true time. */
export interface Span {
  readonly fromMs: number;
  /** Infinity as long as it lasts. */
  toMs: number;
}

/** A stretch in which a process is held up. */
export interface Pause extends Span {
  /** Whether the whole machine sleeps, and its monotonic clock with it. */
  readonly isSuspend: boolean;
}

/** What a machine is like. */
export interface MachineTraits extends ClockTraits {
  readonly index: number;
  /** How late its timers fire at the most. */
  readonly lagMs: number;
  /** Whether its clients reject as soon as their signals abort. */
  readonly heedsSignals: boolean;
}

/** Letters by which machines are known. */
const NAMES = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

/** One machine. */
export class Machine {
  readonly index: number;
  readonly name: string;
  readonly traits: MachineTraits;
  readonly clock: MachineClock;
  /** The chance of its calls to servers. */
  readonly netChance: Chance;
  /** The chance of its timers. */
  readonly timerChance: Chance;
  /** The chance of the code that it runs. */
  readonly codeChance: Chance;
  /** How its calls fail, while it is cut off. */
  cut: OutageMode | undefined;
  /** When its process was held up, with the machine or alone. */
  readonly pauses: Pause[] = [];
  /** How many processes it has had. */
  generations = 0;

  constructor(time: VirtualTime, seed: number, traits: MachineTraits) {
    this.index = traits.index;
    this.name = NAMES[traits.index % NAMES.length]!;
    this.traits = traits;
    this.clock = new MachineClock(time, traits);
    this.netChance = new Chance(seed, "net", traits.index);
    this.timerChance = new Chance(seed, "timers", traits.index);
    this.codeChance = new Chance(seed, "code", traits.index);
  }

  /** For how long it was held up between two moments, at the longest one time. */
  longestPauseMs(fromMs: number, toMs: number): number {
    let longestMs = 0;
    for (const pause of this.pauses) {
      if (pause.toMs >= fromMs && pause.fromMs <= toMs) {
        longestMs = Math.max(longestMs, Math.min(pause.toMs, toMs) - pause.fromMs);
      }
    }
    return longestMs;
  }

  /** Whether it slept between two moments, so that its timers came late. */
  hasSlept(fromMs: number, toMs: number): boolean {
    return this.pauses.some((pause) => pause.isSuspend && pause.toMs >= fromMs && pause.fromMs <= toMs);
  }

  /** Whether its wall clock was set between two moments. */
  hasJumped(fromMs: number, toMs: number): boolean {
    return this.clock.jumps.some((atMs) => atMs >= fromMs && atMs <= toMs);
  }
}

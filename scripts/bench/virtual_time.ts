import { setImmediate } from "node:timers";
import type { Clock } from "../../mod.ts";
import { EventQueue, type TimedEvent } from "./event_queue.ts";

/** What a clock has of its own. */
export interface ClockTraits {
  /** What its wall clock shows at the beginning; 0 if absent. */
  readonly beginMs?: number;
  /** Its chance; 0.5 each time if absent. */
  readonly random?: () => number;
}

/** Time that passes at once: it jumps from timer to timer. */
export class VirtualTime {
  readonly #events = new EventQueue();
  /** The present, since the beginning. */
  nowMs = 0;

  /** The clock of whatever lives in this time. */
  clock({ beginMs = 0, random = () => 0.5 }: ClockTraits = {}): Clock {
    return {
      nowMs: () => beginMs + this.nowMs,
      monotonicMs: () => this.nowMs,
      setTimer: (callback, delayMs) => this.#set(callback, delayMs),
      clearTimer: (timer) => void ((timer as TimedEvent).callback = undefined),
      random,
    };
  }

  /** Resolves after a while of this time. */
  delay(ms: number): Promise<void> {
    return new Promise((resolve) => void this.#set(resolve, ms));
  }

  /** Lets all happen that happens before a moment. */
  async runUntil(endMs: number): Promise<void> {
    for (;;) {
      // promises alone are at work between two timers, and this comes after the last of them, however long their chain is
      await new Promise<void>((resolve) => void setImmediate(resolve));
      const next = this.#events.take(endMs);
      if (!next) break;
      this.nowMs = next.atMs;
      next.callback?.();
    }
    this.nowMs = endMs;
  }

  #set(callback: () => void, delayMs: number): TimedEvent {
    const event = { atMs: this.nowMs + Math.max(0, Math.floor(delayMs)), callback };
    this.#events.add(event);
    return event;
  }
}

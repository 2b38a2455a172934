/**
 * The promise that no scheduler checks the record all the time, whatever hints a watch gives.
 *
 * @module
 */
import type { CheckContext } from "../check_context.ts";
import type { ObservedCall, ObservedScheduler, Observer } from "../observations.ts";

/** How many reads may follow one another without a wait. */
const EXTRA_READS = 8;
/** How many further reads a due time may take: of checks, claims and their repetitions. */
const READS_A_GAP = 4;
/** How much faster anything may go by a clock of another rate. */
const STRETCH = 1.06;

interface Reads {
  /** How many reads there were beyond the allowed rate. */
  level: number;
  lastMs: number;
}

/** Counts the reads of each scheduler. */
export class RateCheck implements Observer {
  readonly #context: CheckContext;
  readonly #reads: Map<ObservedScheduler, Reads> = new Map();

  constructor(context: CheckContext) {
    this.#context = context;
  }

  callSent({ scheduler, kind, isReadBack, sentMs }: ObservedCall): void {
    if (kind !== "read" || isReadBack || scheduler.isDart) return;
    const { schedule, intervalMs } = scheduler.settings;
    const reads = this.#reads.get(scheduler) ?? { level: 0, lastMs: sentMs };
    const rate = STRETCH * (1 / 1_000 + READS_A_GAP / (schedule?.shortestGapMs ?? intervalMs));
    reads.level = Math.max(0, reads.level - rate * (sentMs - reads.lastMs)) + 1;
    reads.lastMs = sentMs;
    this.#reads.set(scheduler, reads);
    // a trigger is checked immediately, and so are reads whose answers are lost
    const isDisturbed = scheduler.triggeredMs > sentMs - 60_000 || this.#context.isCutOff(scheduler.process.machine) ||
      scheduler.undisturbedMs > sentMs - 60_000;
    if (isDisturbed) reads.level = 0;
    this.#context.checked("check-rate");
    if (reads.level > EXTRA_READS) {
      const text = `${scheduler.process.name} has read the record ${Math.round(reads.level)} times too often`;
      this.#context.broken("check-rate", text);
    }
  }
}

/**
 * The metrics of events: runs, takeovers, abandoned calls and store errors.
 *
 * @module
 */
import type { Counter, Histogram, Meter, UpDownCounter } from "@opentelemetry/api";
import type { TakeoverReason } from "../events.ts";
import type { RunOutcome } from "../record/recent_runs.ts";
import { ATTRIBUTES } from "./names.ts";

const OUTCOMES: readonly RunOutcome[] = ["finished", "failed", "timeout", "leaselost", "aborted"];
const REASONS: readonly TakeoverReason[] = ["lease-over", "stopped", "overdue", "triggered"];

/** The limits of the buckets for the length of runs, in seconds: from fast queries to runs of half a day. */
const DURATION_BUCKETS = [0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 300, 600, 1_800, 3_600, 10_800, 43_200];

/** The limits of the buckets for the lateness of runs, in seconds: a standby that takes over is late by up to some minutes. */
const LATENESS_BUCKETS = [0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 300, 600, 1_800, 3_600];

/** Counts and measures what events tell. */
export class RunMetrics {
  readonly #runs: Counter;
  readonly #active: UpDownCounter;
  readonly #durations: Histogram;
  readonly #lateness: Histogram;
  readonly #takeovers: Counter;
  readonly #abandoned: Counter;
  readonly #storeErrors: Counter;

  /** Creates the instruments. */
  constructor(meter: Meter) {
    this.#runs = meter.createCounter("neat.periodic_task.runs", {
      unit: "{run}",
      description: "Runs that have ended, by their outcome.",
    });
    // not an observable one, as an SDK goes on showing the last value of those after the end of the instrumentation
    this.#active = meter.createUpDownCounter("neat.periodic_task.active_runs", {
      unit: "{run}",
      description: "Runs in progress in this replica.",
    });
    this.#durations = meter.createHistogram("neat.periodic_task.run.duration", {
      unit: "s",
      description: "Time from the claim to the end of a run.",
      advice: { explicitBucketBoundaries: DURATION_BUCKETS },
    });
    this.#lateness = meter.createHistogram("neat.periodic_task.run.lateness", {
      unit: "s",
      description: "Time from the due time to the claim of a run.",
      advice: { explicitBucketBoundaries: LATENESS_BUCKETS },
    });
    this.#takeovers = meter.createCounter("neat.periodic_task.takeovers", {
      unit: "{takeover}",
      description: "Runs of this replica that follow one of another replica, by the reason.",
    });
    this.#abandoned = meter.createCounter("neat.periodic_task.abandoned_runs", {
      unit: "{run}",
      description: "Calls of the task that have not returned after their abort.",
    });
    this.#storeErrors = meter.createCounter("neat.periodic_task.store.errors", {
      unit: "{error}",
      description: "Store calls of the scheduler that failed, and claims that the store refused without a reason.",
    });
  }

  /** Makes all series of a task appear with 0, as `increase()` in Prometheus does not see the first value of a series. */
  addTask(name: string): void {
    for (const outcome of OUTCOMES) this.#runs.add(0, { [ATTRIBUTES.name]: name, [ATTRIBUTES.outcome]: outcome });
    for (const reason of REASONS) this.#takeovers.add(0, { [ATTRIBUTES.name]: name, [ATTRIBUTES.reason]: reason });
    this.#active.add(0, { [ATTRIBUTES.name]: name });
    this.#abandoned.add(0, { [ATTRIBUTES.name]: name });
    this.#storeErrors.add(0, { [ATTRIBUTES.name]: name });
  }

  /** Adds a run in progress, or removes one. */
  active(name: string, change: 1 | -1): void {
    this.#active.add(change, { [ATTRIBUTES.name]: name });
  }

  /** Measures the start of a run. */
  started(name: string, latenessS: number | undefined): void {
    this.active(name, 1);
    if (latenessS !== undefined) this.#lateness.record(latenessS, { [ATTRIBUTES.name]: name });
  }

  /** Counts and measures the end of a run that is no longer in progress. */
  ended(name: string, outcome: RunOutcome, durationMs: number): void {
    const attributes = { [ATTRIBUTES.name]: name, [ATTRIBUTES.outcome]: outcome };
    this.#runs.add(1, attributes);
    this.#durations.record(durationMs / 1_000, attributes);
  }

  /** Counts a takeover. */
  tookOver(name: string, reason: TakeoverReason): void {
    this.#takeovers.add(1, { [ATTRIBUTES.name]: name, [ATTRIBUTES.reason]: reason });
  }

  /** Counts an abandoned call. */
  abandoned(name: string): void {
    this.#abandoned.add(1, { [ATTRIBUTES.name]: name });
  }

  /** Counts a store error. */
  storeFailed(name: string): void {
    this.#storeErrors.add(1, { [ATTRIBUTES.name]: name });
  }
}

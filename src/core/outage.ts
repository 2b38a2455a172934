/**
 * Outages of a store. Only some failures are logged, as a long outage must not flood the log.
 *
 * @module
 */

/** The shortest time between the first two logged failures, in milliseconds. It doubles with each logged failure. */
const FIRST_DISTANCE_MS = 5_000;

/** The state of an outage. */
export interface OutageReport {
  /** The time since the first failure, in milliseconds. */
  readonly durationMs: number;
  /** The number of failed calls. */
  readonly failures: number;
}

/** The failed calls of a store, from the first one until the next answer. */
export class Outage {
  readonly #sinceMs: number;
  #failures = 0;
  #nextReportMs: number;
  #distanceMs = FIRST_DISTANCE_MS;

  /** Creates an outage that starts at a time of the monotonic clock. */
  constructor(nowMs: number) {
    this.#sinceMs = nowMs;
    this.#nextReportMs = nowMs;
  }

  /** Counts a failure. Returns the report to log, or `undefined` if it is too early to log again. */
  fail(nowMs: number): OutageReport | undefined {
    this.#failures++;
    if (nowMs < this.#nextReportMs) return undefined;
    if (this.#failures > 1) this.#distanceMs *= 2;
    this.#nextReportMs = nowMs + this.#distanceMs;
    return this.report(nowMs);
  }

  /** Returns the current state of the outage. */
  report(nowMs: number): OutageReport {
    return { durationMs: nowMs - this.#sinceMs, failures: this.#failures };
  }
}

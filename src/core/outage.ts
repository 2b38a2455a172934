/**
 * Which failures of a store are logged: a long outage must not flood the log.
 *
 * @module
 */

/** A failure is logged no earlier than this after the first one. The distance then doubles. */
const FIRST_DISTANCE_MS = 5_000;

/** An outage at one of its failures, or at its end. */
export interface OutageReport {
  /** How long it has lasted since the first failure, in milliseconds. */
  readonly durationMs: number;
  /** How many calls have failed. */
  readonly failures: number;
}

/** The calls of a store that failed, from the first one on until one is answered. */
export class Outage {
  readonly #sinceMs: number;
  #failures = 0;
  #nextReportMs: number;
  #distanceMs = FIRST_DISTANCE_MS;

  /** Starts an outage. */
  constructor(nowMs: number) {
    this.#sinceMs = nowMs;
    this.#nextReportMs = nowMs;
  }

  /** Counts a failure. Returns what to log of the outage, or `undefined` if it is too early to log again. */
  fail(nowMs: number): OutageReport | undefined {
    this.#failures++;
    if (nowMs < this.#nextReportMs) return undefined;
    if (this.#failures > 1) this.#distanceMs *= 2;
    this.#nextReportMs = nowMs + this.#distanceMs;
    return this.report(nowMs);
  }

  /** Returns the outage as it is now. */
  report(nowMs: number): OutageReport {
    return { durationMs: nowMs - this.#sinceMs, failures: this.#failures };
  }
}

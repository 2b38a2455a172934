/**
 * The delay before a failed run is repeated.
 *
 * @module
 */
import { callSafely } from "../log.ts";
import type { NeatPeriodicTaskOptions } from "../options.ts";
import type { StatusRecord } from "../record/status_record.ts";
import { durationMs } from "../time/duration.ts";
import type { Reporter } from "./reporter.ts";

/** The option `retryDelay`: a duration, or a function of the user that is called once for each failed record. */
export class RetryDelay {
  readonly #option: NeatPeriodicTaskOptions["retryDelay"];
  readonly #defaultMs: number;
  readonly #reporter: Reporter;
  #record: StatusRecord | undefined;
  #delayMs = 0;

  /**
   * Creates the delay.
   *
   * @param option The option.
   * @param defaultMs The delay in milliseconds if there is no option or its function fails.
   * @param reporter Logs the error of the function, or an error about its result.
   */
  constructor(option: NeatPeriodicTaskOptions["retryDelay"], defaultMs: number, reporter: Reporter) {
    this.#option = option;
    this.#defaultMs = defaultMs;
    this.#reporter = reporter;
  }

  /** Returns the delay after the start of a failed run, in milliseconds. */
  after(failed: StatusRecord): number {
    if (failed !== this.#record) {
      this.#record = failed;
      this.#delayMs = this.#evaluate(failed.failures);
    }
    return this.#delayMs;
  }

  #evaluate(failures: number): number {
    const option = this.#option;
    try {
      const delay = typeof option === "function" ? option(failures) : option ?? this.#defaultMs;
      // the promise of an async function is refused below, and its rejection must not be unhandled
      callSafely(() => delay);
      return durationMs(delay, "retryDelay", "repeat the run");
    } catch (error) {
      this.#reporter.warn("retryDelay failed", error);
      return this.#defaultMs;
    }
  }
}

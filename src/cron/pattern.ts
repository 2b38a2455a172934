import { Cron } from "croner";
import { cannot } from "../errors.ts";

/** A pattern that has no match in the 400 years after this moment has none at all: the calendar repeats itself. */
const CYCLE_START_MS = Date.UTC(2000, 0, 1) - 1;

/** croner searches no further. */
const END_MS = Date.UTC(3000, 0, 1);

/** A wildcard or a step. */
const REPETITION = /[*?/]/;

/**
 * The local times that a cron expression matches. It knows nothing of time zones: a local time is the moment at which UTC shows it,
 * in milliseconds.
 */
export class CronPattern {
  /** Whether the expression names times of the day: there is no wildcard or step in seconds, minutes and hours. */
  readonly isFixedTime: boolean;
  readonly #cron: Cron;
  /** The last answer. Nothing matches between the two local times. */
  #known: { readonly afterMs: number; readonly matchMs: number | null } = { afterMs: 0, matchMs: 0 };

  /**
   * @param expression The expression.
   * @param doing The failed action, as messages name it after "Cannot".
   * @throws {RangeError} If the expression is wrong, or if it never matches.
   */
  constructor(expression: string, doing: string) {
    const refuse = (state: string, cause?: unknown): RangeError => {
      const reason = cause instanceof Error ? `: ${cause.message}` : "";
      return new RangeError(cannot(doing, state, expression) + reason, { cause });
    };
    // croner takes any white space, and the specification only these two
    if (/[^\S \t]/.test(expression.trim())) throw refuse("its fields must be separated by spaces or tabs");
    try {
      this.#cron = new Cron(expression, { mode: "5-or-6-parts", utcOffset: 0 });
    } catch (error) {
      throw refuse("the expression is wrong", error);
    }
    const fields = this.#cron.getPattern()?.trim().split(/\s+/);
    // croner also takes a date
    if (fields === undefined) throw refuse("the expression must have five or six fields");
    if (this.matchAfter(CYCLE_START_MS) === null) throw refuse("the expression never matches");
    this.isFixedTime = !fields.slice(0, -3).some((field) => REPETITION.test(field));
  }

  /** Returns the first match after a local time, or `null` if there is none before the year 3000. */
  matchAfter(localMs: number): number | null {
    const { afterMs, matchMs } = this.#known;
    if (localMs >= afterMs && localMs < (matchMs ?? END_MS)) return matchMs;
    if (localMs >= END_MS) return null;
    const found = this.#cron.nextRun(new Date(localMs))?.getTime() ?? null;
    this.#known = { afterMs: localMs, matchMs: found };
    return found;
  }
}

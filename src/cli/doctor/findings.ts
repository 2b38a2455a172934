/**
 * What `doctor` finds.
 *
 * @module
 */

/** The outcome of one check. */
export interface Finding {
  /** What was checked, such as `clock`. */
  readonly check: string;
  readonly outcome: "ok" | "warning" | "failed";
  /** What was found, for people. */
  readonly message: string;
  /** What to do, if it is not `ok`. */
  readonly mend?: string | undefined;
}

/** Returns a finding. */
export function finding(check: string, outcome: Finding["outcome"], message: string, mend?: string): Finding {
  return mend === undefined ? { check, outcome, message } : { check, outcome, message, mend };
}

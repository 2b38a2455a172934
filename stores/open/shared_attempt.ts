/**
 * Attempts that calls of the same moment share.
 *
 * @module
 */

/**
 * Makes a function that begins an attempt, or returns the one that has not settled yet.
 *
 * @param begin Begins an attempt.
 * @returns The function. An attempt that fails when nobody waits any more is no unhandled rejection.
 */
export function sharedAttempt(begin: () => Promise<void>): () => Promise<void> {
  let current: Promise<void> | undefined;
  return () => {
    if (current) return current;
    const attempt = begin().finally(() => current = undefined);
    attempt.catch(() => {});
    return current = attempt;
  };
}

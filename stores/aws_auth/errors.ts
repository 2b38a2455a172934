/**
 * The errors of a sign-in.
 *
 * @module
 */

/**
 * The error of a sign-in.
 *
 * @param state The problem, as the error message names it after "as".
 * @param value The current value and advice for the user, without secrets.
 */
export function signInError(state: string, value: string): Error {
  return new Error(`Cannot sign in to AWS as ${state}: current value is ${value}`);
}

/**
 * The errors of a sign-in.
 *
 * @module
 */

/** The way to sign in with credentials that are not supported. */
export const TOKEN_FUNCTION_HINT = "give the store a `token` function, for example one that calls google-auth-library";

/**
 * The error of a sign-in.
 *
 * @param state The problem, as the error message names it after "as".
 * @param value The current value and advice for the user, without secrets.
 */
export function signInError(state: string, value: string): Error {
  return new Error(`Cannot sign in to Google as ${state}: current value is ${value}`);
}

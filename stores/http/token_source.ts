/**
 * Access tokens.
 *
 * @module
 */

/**
 * Returns the access token of a store.
 *
 * It is called before each request, so it should keep a token while that is valid. `fresh: true` means that the server has
 * rejected the last token: then it should get a new one. It should reject promptly when `signal` aborts.
 *
 * @example A token that other code keeps up to date
 * ```ts
 * import type { TokenSource } from "@neat/periodic-task/stores/gcs";
 *
 * const tokens = new Map([["current", "ya29.abc"]]);
 * const token: TokenSource = () => tokens.get("current") ?? "";
 * console.assert(await token({ fresh: false }) === "ya29.abc");
 * ```
 */
export type TokenSource = (
  options?: { readonly fresh?: boolean; readonly signal?: AbortSignal },
) => string | Promise<string>;

const PRINTABLE_WITHOUT_SPACES = /^[\x21-\x7e]+$/;

/** Whether a token fits into a header. For any other value the error of the runtime would show the token. */
export function isToken(value: unknown): value is string {
  return typeof value === "string" && PRINTABLE_WITHOUT_SPACES.test(value);
}

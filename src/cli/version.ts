/**
 * The version of the package.
 *
 * @module
 */

/** The version of the package, as in deno.json. A test compares both. */
export const VERSION = "0.1.0";

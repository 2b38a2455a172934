/**
 * The names of objects, and which tasks they belong to.
 *
 * @module
 */
import { percentEncode } from "../http/url.ts";

/** All of ASCII but letters, digits, `.`, `_` and `-`, and characters that XML can't hold. */
const ESCAPED = /[^\w.\-\u0080-\u{10ffff}]|[\u0080-\u009f\ufffe\uffff]/gu;

/**
 * The part of an object's name for a key.
 *
 * Slashes are escaped, too, as some servers keep objects as files: there "a" and "a/b" could not both exist, and "a//b" and
 * "a/../b" would be other objects.
 */
export function encodeKey(key: string): string {
  const escaped = key.replace(ESCAPED, percentEncode);
  // a path segment with another meaning
  return /^\.{1,2}$/.test(escaped) ? escaped.replaceAll(".", "%2E") : escaped;
}

/** The key of a part of an object's name; `undefined` if no key has it. */
export function decodeKey(name: string): string | undefined {
  try {
    const key = decodeURIComponent(name);
    return key !== "" && encodeKey(key) === name ? key : undefined;
  } catch {
    // an object of another program
    return undefined;
  }
}

/**
 * Texts as parts of a URL.
 *
 * @module
 */

/** Percent-encodes all but letters, digits and `-._~`, so that no server takes a character of a name for one of its own. */
export function encoded(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
}

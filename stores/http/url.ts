/**
 * Encoding of URL parts.
 *
 * @module
 */

/** Percent-encodes everything but letters, digits and `-._~`, so that no server reads a character of a name as a delimiter. */
export function percentEncode(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
}

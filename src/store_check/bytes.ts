/**
 * Bytes of texts.
 *
 * @module
 */

/** The UTF-8 bytes of a text. */
export function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/**
 * Bytes as hexadecimal digits.
 *
 * @module
 */

/** Returns two digits for each byte. */
export function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Returns the bytes of digits; `undefined` if a value is something else. */
export function bytesOf(hex: unknown): Uint8Array | undefined {
  if (typeof hex !== "string" || !/^([\da-f]{2})*$/i.test(hex)) return undefined;
  return Uint8Array.from({ length: hex.length / 2 }, (_, index) => parseInt(hex.slice(2 * index, 2 * index + 2), 16));
}

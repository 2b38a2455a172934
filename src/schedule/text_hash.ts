/**
 * A hash of texts, and how a hash is mixed.
 *
 * Both are fixed: records, due times and the replicas of a task follow from them.
 *
 * @module
 */

/**
 * Returns the FNV-1a hash of a text's UTF-16 code units, mixed.
 *
 * @param text The text.
 * @returns A whole number from 0 up to 2^32 - 1.
 */
export function textHash(text: string): number {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  }
  return mixed(value);
}

/**
 * Mixes the bits of a number by the finaliser of MurmurHash3, so that similar numbers have results without resemblance.
 *
 * @param bits The number, of which 32 bits count.
 * @returns A whole number from 0 up to 2^32 - 1. Different bits have different results.
 */
export function mixed(bits: number): number {
  let value = Math.imul(bits ^ bits >>> 16, 0x85ebca6b);
  value = Math.imul(value ^ value >>> 13, 0xc2b2ae35);
  return (value ^ value >>> 16) >>> 0;
}

/**
 * The jitter of a task: a fixed delay by which its due times are moved.
 *
 * @module
 */

/**
 * Returns the delay of a task's due times, so that tasks with the same schedule do not all start at once.
 *
 * @param name The task's name. The same name always has the same delay.
 * @param jitterMs The longest delay, in milliseconds.
 * @returns A whole number of milliseconds from 0 up to, but not including, the longest delay.
 */
export function jitterDelayMs(name: string, jitterMs: number): number {
  return Math.floor(hash(name) / 2 ** 32 * jitterMs);
}

/** Returns the FNV-1a hash of a text's UTF-16 code units, mixed by the finaliser of MurmurHash3, from 0 up to 2^32 - 1. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  }
  value = Math.imul(value ^ value >>> 16, 0x85ebca6b);
  value = Math.imul(value ^ value >>> 13, 0xc2b2ae35);
  return (value ^ value >>> 16) >>> 0;
}

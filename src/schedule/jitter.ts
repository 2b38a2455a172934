/**
 * The jitter of a task: a fixed delay by which its due times are moved.
 *
 * @module
 */
import { textHash } from "./text_hash.ts";

/**
 * Returns the delay of a task's due times, so that tasks with the same schedule do not all start at once.
 *
 * @param name The task's name. The same name always has the same delay.
 * @param jitterMs The longest delay, in milliseconds.
 * @returns A whole number of milliseconds from 0 up to, but not including, the longest delay.
 */
export function jitterDelayMs(name: string, jitterMs: number): number {
  return Math.floor(textHash(name) / 2 ** 32 * jitterMs);
}

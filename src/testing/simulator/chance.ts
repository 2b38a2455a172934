/**
 * Chance by name: each purpose draws from a stream of its own, so that what one leaves out changes nothing for the others.
 *
 * @module
 */
import { seededRandom } from "../seeded_random.ts";

/** A stream of random numbers that hangs on a seed and on what it is for. */
export class Chance {
  /** From 0 up to, but not including, 1. */
  readonly next: () => number;

  /** The stream of a seed for a purpose. */
  constructor(seed: number, ...purpose: readonly (string | number)[]) {
    let hash = 0x811c9dc5;
    for (const letter of purpose.join("/")) hash = Math.imul(hash ^ letter.charCodeAt(0), 0x01000193);
    const low = (seed ^ hash) >>> 0;
    const high = (Math.floor(seed / 2 ** 32) ^ Math.imul(hash, 0x9e3779b1)) & 0xfffff;
    this.next = seededRandom(high * 2 ** 32 + low);
  }

  /** Whether something of a probability happens. */
  whether(probability: number): boolean {
    return this.next() < probability;
  }

  /** Any number from one up to another. */
  between(low: number, high: number): number {
    return low + (high - low) * this.next();
  }

  /** A whole number, both ends included. */
  whole(low: number, high: number): number {
    return low + Math.floor((high - low + 1) * this.next());
  }

  /** A number of any magnitude between two: each doubling is as likely. It takes no logarithm, which runtimes round differently. */
  magnitude(low: number, high: number): number {
    let doublings = 0;
    for (let reached = low; reached < high; reached *= 2) doublings++;
    const place = this.next() * doublings;
    return Math.min(high, low * 2 ** Math.floor(place) * (1 + place % 1));
  }

  /** One of some things. */
  pick<T>(things: readonly T[]): T {
    return things[Math.floor(this.next() * things.length)]!;
  }

  /** One of some names, each as likely as its weight says. */
  weighted<Name extends string>(weights: { readonly [Of in Name]: number }): Name {
    const names = Object.keys(weights) as Name[];
    let left = this.next() * names.reduce((sum, name) => sum + weights[name], 0);
    return names.find((name) => (left -= weights[name]) < 0) ?? names.at(-1)!;
  }
}

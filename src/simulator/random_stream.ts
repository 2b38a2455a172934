/**
 * Streams of random numbers, one for each purpose.
 *
 * @module
 */
import { seededRandom } from "../testing/seeded_random.ts";

/** What each stream starts with. Any different numbers would do, but the simulation of a seed depends on them. */
const STREAMS = {
  /** What a simulation is like. */
  plan: 0x37a3e893,
  /** What a replica is like. */
  replica: 0x1bcf8b27,
  /** When new settings are deployed. */
  deploy: 0x5cd3477e,
  /** When the store is out. */
  outages: 0xc69b2faf,
  /** What others do to the record. */
  tampering: 0x4de2858f,
  /** What goes wrong with a replica. */
  replicaFaults: 0xdeda257c,
  /** How the calls of a replica go. */
  network: 0x25999158,
  /** How late the timers of a replica are. */
  timers: 0xca2d9683,
  /** What the code of a replica draws. */
  userCode: 0xf9316cf4,
  /** How the runs of a replica go. */
  tasks: 0xedf033e9,
  /** When runs are due, before a deploy and after it. */
  dueTimes: 0x2fd4c1e7,
  /** When an operator pauses the task and requests runs. */
  operator: 0x8b1f03d5,
  /** Whether the store can be watched. */
  watch: 0x41c6a97d,
  /** How the hints of a replica's watch go wrong. */
  hints: 0xb7e15162,
  /** How a replica is stopped at the end. */
  lastStop: 0x6a8e75aa,
  /** Whether replicas take turns. */
  rotate: 0x3d4a91c6,
} as const;

/** The purpose of a stream. */
export type StreamName = keyof typeof STREAMS;

/**
 * A stream of random numbers that depends on a seed, a purpose and an index alone: a purpose that draws fewer numbers changes
 * nothing for the others.
 */
export class RandomStream {
  /** Draws a number from 0 up to, but not including, 1. */
  readonly next: () => number;

  /**
   * Opens a stream.
   *
   * @param seed A whole number.
   * @param name Its purpose.
   * @param index Which stream of that purpose it is, where each replica has one.
   */
  constructor(seed: number, name: StreamName, index?: number) {
    let hash: number = STREAMS[name];
    // FNV-1a
    const suffix = index === undefined ? "" : `/${index}`;
    for (const letter of suffix) hash = Math.imul(hash ^ letter.charCodeAt(0), 0x01000193);
    const low = (seed ^ hash) >>> 0;
    const high = (Math.floor(seed / 2 ** 32) ^ Math.imul(hash, 0x9e3779b1)) & 0xfffff;
    this.next = seededRandom(high * 2 ** 32 + low);
  }

  /** Draws whether something of a probability happens. */
  chance(probability: number): boolean {
    return this.next() < probability;
  }

  /** Draws a number between two. */
  between(low: number, high: number): number {
    return low + (high - low) * this.next();
  }

  /** Draws a whole number, both ends included. */
  integer(low: number, high: number): number {
    return low + Math.floor((high - low + 1) * this.next());
  }

  /**
   * Draws a number of any magnitude between two: each doubling is as likely as the next. It needs no logarithm, which runtimes
   * round differently.
   */
  magnitude(low: number, high: number): number {
    let doublings = 0;
    for (let reached = low; reached < high; reached *= 2) doublings++;
    const place = this.next() * doublings;
    return Math.min(high, low * 2 ** Math.floor(place) * (1 + place % 1));
  }

  /** Draws one of some values. */
  pick<const T>(values: readonly [T, ...T[]]): T {
    return values[Math.floor(this.next() * values.length)] ?? values[0];
  }

  /** Draws one of some names, each as likely as its weight. */
  pickWeighted<Name extends string>(weights: { readonly [Of in Name]: number }): Name {
    const names = Object.keys(weights) as Name[];
    let left = this.next() * names.reduce((sum, name) => sum + weights[name], 0);
    return names.find((name) => (left -= weights[name]) < 0) ?? names.at(-1)!;
  }
}

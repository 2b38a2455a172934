/**
 * The kinds of simulated worlds.
 *
 * @module
 */

/**
 * What kind of world it is: with good clocks and no troubles; good clocks; clocks that are wrong beside a store that has one;
 * processes that are held up; anything at all; or replicas of the Dart original beside ours.
 */
export type WorldKind = "quiet" | "calm" | "skewed" | "pauses" | "chaos" | "mixed";

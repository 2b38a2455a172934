/**
 * The kinds of simulations.
 *
 * @module
 */

/** All kinds. */
export const SIMULATION_KINDS = ["quiet", "calm", "skewed", "pauses", "chaos", "mixed"] as const;

/**
 * The kind of a simulation: which faults it may have, and how bad they are.
 *
 * | kind     | what it simulates                                                                                  |
 * | -------- | -------------------------------------------------------------------------------------------------- |
 * | `quiet`  | Good clocks, and neither network faults, outages nor restarts.                                     |
 * | `calm`   | Good clocks, and every fault whose length the promises allow for.                                  |
 * | `skewed` | The same with wrong clocks, beside a store that has a clock.                                       |
 * | `pauses` | Good clocks, and processes that are paused for longer than the promises allow for.                 |
 * | `chaos`  | Everything: wrong clocks that jump, with or without a store clock, and long pauses.                |
 * | `mixed`  | The same as `calm`, with replicas of Dart's neat_periodic_task beside ours.                        |
 */
export type SimulationKind = typeof SIMULATION_KINDS[number];

import { simulate, SIMULATION_KINDS } from "../../src/simulator/mod.ts";

/** The timelines of a simulation of each kind. */
export async function sampleTimelines(): Promise<string> {
  const timelines: string[] = [];
  for (const kind of SIMULATION_KINDS) {
    timelines.push((await simulate({ seed: 11, kind, intervals: 25 })).timeline());
  }
  return timelines.join("\n");
}

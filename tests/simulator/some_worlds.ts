import { simulate } from "../../src/testing/mod.ts";

/** The timelines of a world of each kind. */
export async function worlds(): Promise<string> {
  const timelines: string[] = [];
  for (const kind of ["quiet", "calm", "skewed", "pauses", "chaos", "mixed"] as const) {
    timelines.push((await simulate({ seed: 11, kind, intervals: 25 })).timeline());
  }
  return timelines.join("\n");
}

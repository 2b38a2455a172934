import { BODIES } from "./bodies.ts";
import { CLAIMS } from "./claims.ts";
import { DECISIONS } from "./decisions.ts";
import { LOOPS } from "./loops.ts";
import type { Mutant } from "./mutant.ts";
import { RECORDS } from "./records.ts";
import { RUNS } from "./runs.ts";
import { STOPS } from "./stops.ts";
import { TIMES } from "./times.ts";

/** All faults that the tests or the simulator must find. */
export const MUTANTS: readonly Mutant[] = [
  ...CLAIMS,
  ...TIMES,
  ...DECISIONS,
  ...RUNS,
  ...BODIES,
  ...LOOPS,
  ...STOPS,
  ...RECORDS,
];

import { CLAIMS } from "./claims.ts";
import { CONTROL } from "./control.ts";
import { LEASES } from "./leases.ts";
import type { Mutant } from "./mutant.ts";
import { OUTAGES } from "./outages.ts";
import { RUNS } from "./runs.ts";
import { SCHEDULES } from "./schedules.ts";
import { STANDBYS } from "./standbys.ts";
import { STOPS } from "./stops.ts";
import { USERS } from "./users.ts";

/** All faults that the tests or the simulator must find. */
export const MUTANTS: readonly Mutant[] = [
  ...CLAIMS,
  ...LEASES,
  ...RUNS,
  ...SCHEDULES,
  ...CONTROL,
  ...STANDBYS,
  ...STOPS,
  ...OUTAGES,
  ...USERS,
];

import type { Part } from "../results/section.ts";
import { part as coordination } from "./coordination.ts";
import { part as idleCost } from "./idle_cost.ts";
import { part as lateness } from "./lateness.ts";
import { part as outage } from "./outage.ts";
import { part as overhead } from "./overhead.ts";
import { part as takeover } from "./takeover.ts";
import { part as weight } from "./weight.ts";

/** All parts, in the order of the page. */
export const PARTS: readonly Part[] = [idleCost, lateness, coordination, overhead, takeover, weight, outage];

import type { Part } from "../report/section.ts";
import { part as coordination } from "./coordination/coordination.ts";
import { part as idleCost } from "./idle_cost/idle_cost.ts";
import { part as lateness } from "./lateness/lateness.ts";
import { part as manyTasks } from "./many_tasks/many_tasks.ts";
import { part as outage } from "./outage/outage.ts";
import { part as overhead } from "./overhead/overhead.ts";
import { part as takeover } from "./takeover/takeover.ts";
import { part as weight } from "./weight/weight.ts";

/** All parts in the order of the page. */
export const PARTS: readonly Part[] = [idleCost, lateness, coordination, overhead, manyTasks, takeover, weight, outage];

/**
 * All checks of a simulation.
 *
 * @module
 */
import type { CheckContext } from "../check_context.ts";
import type { Observer } from "../observations.ts";
import { ChangeCheck } from "./change_check.ts";
import { ClaimCheck } from "./claim_check.ts";
import { DueCheck } from "./due_check.ts";
import { RateCheck } from "./rate_check.ts";
import { LivenessCheck } from "./liveness_check.ts";
import { LogCheck } from "./log_check.ts";
import { OutageCheck } from "./outage_check.ts";
import { OverlapCheck } from "./overlap_check.ts";
import { RecordCheck } from "./record_check.ts";
import { StopCheck } from "./stop_check.ts";
import { StoreCheck } from "./store_check.ts";

/** Makes the checks of a simulation. */
export function allChecks(context: CheckContext): Observer[] {
  return [
    new StoreCheck(context),
    new RecordCheck(context),
    new ClaimCheck(context),
    new ChangeCheck(context),
    new DueCheck(context),
    new RateCheck(context),
    new LivenessCheck(context),
    new LogCheck(context),
    new OutageCheck(context),
    new OverlapCheck(context),
    new StopCheck(context),
  ];
}

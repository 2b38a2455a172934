/**
 * All checks.
 *
 * @module
 */
import type { Scene } from "../scene.ts";
import type { Watcher } from "../seen.ts";
import { ClaimCheck } from "./claim_check.ts";
import { DueCheck } from "./due_check.ts";
import { LivenessCheck } from "./liveness_check.ts";
import { LogCheck } from "./log_check.ts";
import { OutageCheck } from "./outage_check.ts";
import { OverlapCheck } from "./overlap_check.ts";
import { RecordCheck } from "./record_check.ts";
import { StopCheck } from "./stop_check.ts";
import { StoreCheck } from "./store_check.ts";

/** Makes all checks of a world. */
export function allChecks(scene: Scene): Watcher[] {
  return [
    new StoreCheck(scene),
    new RecordCheck(scene),
    new ClaimCheck(scene),
    new DueCheck(scene),
    new LivenessCheck(scene),
    new LogCheck(scene),
    new OutageCheck(scene),
    new OverlapCheck(scene),
    new StopCheck(scene),
  ];
}

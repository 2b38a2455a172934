import type { HintedChecks } from "../../src/core/hinted_checks.ts";
import type {
  claimedRecord,
  completedRecord,
  releasedRecord,
  withControlFields,
} from "../../src/record/transitions.ts";
import { type Mutant, replace, wrapFunction, wrapMethod } from "./mutant.ts";

/** Faults in pauses, requests, start deadlines and hints: promises 12 to 15. */
export const CONTROL: readonly Mutant[] = [
  {
    breaks: 12,
    name: "a trigger runs a paused task",
    change: replace(
      "decide",
      "if ($PAUSED && !$LEASED) return $WAIT",
      "if ($PAUSED && !$LEASED && !input.isTriggered) return $WAIT",
    ),
  },
  {
    breaks: 12,
    name: "a heartbeat or outcome overwrites a pause",
    change: replace("judgeReadBack", "withControlFields($WRITTEN, $STORED)", "$WRITTEN"),
  },
  {
    breaks: 12,
    name: "a released record drops the pause",
    change: wrapFunction<typeof releasedRecord>(
      "releasedRecord",
      (original, before, claimed) => ({ ...original(before, claimed), pausedMs: before.pausedMs }),
    ),
  },
  {
    breaks: 12,
    name: "a run that goes on pauses a resumed task again",
    change: wrapFunction<typeof withControlFields>(
      "withControlFields",
      (original, record, changed) => ({ ...original(record, changed), pausedMs: changed.pausedMs ?? record.pausedMs }),
    ),
  },
  {
    breaks: 13,
    name: "a claim keeps the request",
    change: wrapFunction<typeof claimedRecord>(
      "claimedRecord",
      (original, before, fields) => ({ ...original(before, fields), requestedMs: before.requestedMs }),
    ),
  },
  {
    breaks: 13,
    name: "an outcome drops a request that came during the run",
    change: wrapFunction<typeof completedRecord>(
      "completedRecord",
      (original, claimed, end) => ({ ...original(claimed, end), requestedMs: undefined }),
    ),
  },
  {
    breaks: 13,
    name: "a write that is repeated drops a new request",
    change: wrapFunction<typeof withControlFields>(
      "withControlFields",
      (original, record, changed) => ({ ...original(record, changed), requestedMs: record.requestedMs }),
    ),
  },
  {
    breaks: 13,
    name: "a request that was removed by a claim is lost with the claim",
    change: replace("withControlFields", "$CHANGED.requestedMs === undefined ? $RECORD : $CHANGED", "$CHANGED"),
  },
  {
    breaks: 14,
    name: "the start deadline is not checked after the claim",
    change: replace("#isTooLate", "$TOOK && client.earliestNowMs <= $UNTIL", "$TOOK"),
  },
  {
    breaks: 14,
    name: "the start deadline counts from the check",
    change: replace("openingWithoutRequest", "latestMs + startDeadlineMs", "nowMs + startDeadlineMs"),
  },
  {
    breaks: 15,
    name: "every hint is followed by a check",
    change: wrapMethod<HintedChecks, "nextMs">("HintedChecks.nextMs", (_checks, _original, nowMs) => nowMs + 10),
  },
  {
    breaks: 15,
    name: "a hint runs the task",
    change: replace("Loop.#hint", "this.#sleep($WAIT)", "void this.trigger()"),
  },
];

import type { dutyOf, standbysAfterClaim, takesPlace } from "../../src/core/duty.ts";
import type { parseStandbys } from "../../src/record/listed_standbys.ts";
import type { StoreClient } from "../../src/store/client.ts";
import { type Mutant, replace, wrapFunction, wrapMethod } from "./mutant.ts";

/** Faults in who checks the record when it lists standbys. */
export const STANDBYS: readonly Mutant[] = [
  {
    breaks: "schedule",
    name: "every standby checks each due time",
    change: wrapFunction<typeof dutyOf>("dutyOf", () => "each-due-time"),
  },
  {
    breaks: "schedule",
    name: "no listed standby checks the next due time",
    change: wrapFunction<typeof dutyOf>("dutyOf", (original, ...args) => {
      const duty = original(...args);
      return args[0].standbys.length === 4 && duty === "each-due-time" ? "not-the-next" : duty;
    }),
  },
  {
    breaks: "schedule",
    name: "all listed standbys check each due time",
    change: replace("hasTurn", "return $TURN", "return true"),
  },
  {
    breaks: "schedule",
    name: "the standbys whose turn a run was do not check it while it is in progress",
    change: replace("hasTurn", 'state === "running" ? term - 1 : term', "term"),
  },
  {
    breaks: "schedule",
    name: "a list of three standbys counts as full",
    change: replace("isFree", "standbys.length < MAX_STANDBYS", "standbys.length < 3"),
  },
  {
    breaks: "schedule",
    name: "a replica does not check the first due time after its start",
    change: replace("dutyOfReplica", "($LAST ?? $NEVER) <= input.sinceMs", "false"),
  },
  {
    breaks: "schedule",
    name: "replicas do not check when none is preferred",
    change: replace("dutyOfReplica", "owner === NO_OWNER", "false"),
  },
  {
    breaks: "schedule",
    name: "new replicas check as rarely as old ones",
    change: replace("lateCheckMs", "Math.max(nowMs - sinceMs, gapMs)", "Infinity"),
  },
  {
    breaks: "schedule",
    name: "a listed standby leaves two due times to others",
    change: replace("lateCheckMs", "return Math.min($AFTER, $LIMIT)", "return $LIMIT"),
  },
  {
    breaks: "schedule",
    name: "every standby lists itself at once",
    change: wrapFunction<typeof takesPlace>("takesPlace", (original, record, id, lot) => original(record, id, lot / 8)),
  },
  {
    breaks: "schedule",
    name: "no standby lists itself",
    change: wrapFunction<typeof takesPlace>("takesPlace", () => false),
  },
  {
    breaks: "schedule",
    name: "a standby lists itself just before the next run is due",
    change: replace("isListing", "nextDueMs - nowMs >= gapMs / 2", "true"),
  },
  {
    breaks: "schedule",
    name: "the preferred replica keeps its place in the list of standbys",
    change: replace("standbysAfterClaim", "id !== standbyId", "true"),
  },
  {
    breaks: "schedule",
    name: "standbys that left a run undone stay in the list",
    change: wrapFunction<typeof standbysAfterClaim>(
      "standbysAfterClaim",
      (original, record, id) => original(record, id, false),
    ),
  },
  {
    breaks: "record",
    name: "a standby stays in the list for ever",
    change: wrapFunction<typeof parseStandbys>("parseStandbys", (original, value) => {
      const standbys = Array.isArray(value) ? value : [];
      return standbys.flatMap((standby) => original([standby], standby?.until ?? 0)).slice(0, 4);
    }),
  },
  {
    breaks: "schedule",
    name: "a standby that is stopped stays in the list",
    change: wrapMethod<StoreClient, "resign">(
      "StoreClient.resign",
      (client, original, limitMs) => client.ownRecord ? original(limitMs) : Promise.resolve(),
    ),
  },
  {
    breaks: "schedule",
    name: "hints of the store cause checks of all standbys",
    change: replace("Hints.checkMs", "ignoresHints || $REASONS.includes($REASON)", "$REASONS.includes($REASON)"),
  },
  {
    breaks: "schedule",
    name: "runs are handed on without the option",
    change: replace("ActiveRun.#handOn", 'rotate && completed.state === "finished"', 'completed.state === "finished"'),
  },
  {
    breaks: "schedule",
    name: "a run is handed to a standby that does not check before it",
    change: replace("handedOn", "!isFull || !hasTurn(record, index)", "!isFull || hasTurn(record, index)"),
  },
  {
    breaks: "schedule",
    name: "the replica that ran last is preferred though it has handed the next run on",
    change: replace("StoreClient.#isOwn", "$PREFERRED === undefined ? $OWN : $HANDED", "$OWN"),
  },
];

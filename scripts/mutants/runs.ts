import type { AbandonedRuns } from "../../src/core/abandoned_runs.ts";
import type { ActiveRun } from "../../src/core/active_run.ts";
import type { StoreClient } from "../../src/store/client.ts";
import { type Mutant, replace, wrapGetter, wrapMethod } from "./mutant.ts";

/** Faults in a run, its outcome and its times, and in the count of abandoned calls: promise 5. */
export const RUNS: readonly Mutant[] = [
  {
    breaks: 5,
    name: "an abandoned call is not counted",
    change: wrapMethod<AbandonedRuns, "add">("AbandonedRuns.add", () => {}),
  },
  {
    breaks: 5,
    name: "an abandoned call that returns is still counted",
    change: replace("AbandonedRuns.add", "this.#count--", "this.#count"),
  },
  {
    breaks: 5,
    name: "a trigger begins a second iteration",
    change: replace("Loop.#wake", "!this.#iteration && $WANTED && $RUNNING", "$WANTED && $RUNNING"),
  },
  {
    breaks: "run",
    name: "retries of the outcome count from its sending",
    change: replace(
      "Claim.#write",
      "const $WRITE = { $$$FIELDS, trustedSince: $CONFIRMED }",
      "const $WRITE = { $$$FIELDS, trustedSince: instant(this.#context.clock) }",
    ),
  },
  {
    breaks: "run",
    name: "a run that exceeded its timeout counts as finished",
    change: replace("ActiveRun.#callTask", "if (this.#abortOutcome) return this.#abortOutcome", ""),
  },
  {
    breaks: "run",
    name: "a call of the own scheduler waits for its own run",
    change: wrapGetter<ActiveRun, "isCallingTask">("ActiveRun.isCallingTask", () => false),
  },
  {
    breaks: "times",
    name: "the deadline of a run is the end of its first lease",
    change: replace(
      "ActiveRun.view",
      "$STARTED + this.#options.settings.timeoutMs",
      "$STARTED + this.#options.settings.leaseMs",
    ),
  },
  {
    breaks: "times",
    name: "the start of a run is told in store time",
    change: replace("ActiveRun.constructor", "$CLAIM.confirmed.wallMs", "$CLAIM.record.startedMs ?? NaN"),
  },
  {
    breaks: "times",
    name: "due times are told in store time",
    change: wrapMethod<StoreClient, "hostDueTimeMs">("StoreClient.hostDueTimeMs", (_client, _original, dueMs) => dueMs),
  },
];

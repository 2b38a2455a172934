import type { Claim } from "../../src/core/claim.ts";
import type { decide } from "../../src/core/decision.ts";
import type { Reporter } from "../../src/core/reporter.ts";
import type { callTask } from "../../src/core/task_call.ts";
import type { parseRecord } from "../../src/record/parse.ts";
import type { StoreClient } from "../../src/store/client.ts";
import type { earliestNowMs, isReliable } from "../../src/store/store_time.ts";
import type { elapsedMs, longestElapsedMs } from "../../src/time/clock.ts";
import { type Mutant, replace, wrapFunction, wrapGetter, wrapMethod } from "./mutant.ts";

/** Faults that let two runs overlap: promise 4. */
export const LEASES: readonly Mutant[] = [
  {
    breaks: 4,
    name: "a lease ends without a margin",
    change: replace("leaseEndMs", "$SIGN + $LEASE + $MARGIN", "$SIGN + $LEASE"),
  },
  {
    breaks: 4,
    name: "the clock tolerance does not count at the end of a lease",
    change: replace("leaseEndMs", "Math.min($SIGN + $TOLERANCE, $SEEN)", "Math.min($SIGN, $SEEN)"),
  },
  {
    breaks: 4,
    name: "a new version counts as seen since the version before",
    change: replace(
      "StoreClient.#keep",
      "this.#known = { $$$FIELDS }",
      "this.#known = { $$$FIELDS, ...(this.#known && { firstSeenMonotonicMs: this.#known.firstSeenMonotonicMs }) }",
    ),
  },
  {
    breaks: 4,
    name: "the lease of the holder is not read",
    change: wrapFunction<typeof parseRecord>("parseRecord", (original, value) => {
      const found = original(value);
      return found.kind === "record" ? { ...found, record: { ...found.record, leaseMs: undefined } } : found;
    }),
  },
  {
    breaks: 4,
    name: "an unknown state counts as the end of a run",
    change: replace("parseFields", '$IS ? $STATE : "running"', '$IS ? $STATE : "finished"'),
  },
  {
    breaks: 4,
    name: "claims and heartbeats are dated by the earliest present",
    change: wrapGetter<StoreClient, "latestNowMs">("StoreClient.latestNowMs", (client) => client.earliestNowMs),
  },
  {
    breaks: 4,
    name: "the earliest present counts from the sending of the read",
    change: wrapFunction<typeof earliestNowMs>(
      "earliestNowMs",
      (original, clock, sample) => original(clock, sample && { ...sample, received: sample.sent }),
    ),
  },
  {
    breaks: 4,
    name: "the preferred replica trusts a clock that has jumped",
    change: wrapFunction<typeof isReliable>("isReliable", () => true),
  },
  {
    breaks: 4,
    name: "a run is measured by the wall clock alone",
    change: wrapFunction<typeof elapsedMs>("elapsedMs", (_original, clock, since) => clock.nowMs() - since.wallMs),
  },
  {
    breaks: 4,
    name: "a lease is measured by the wall clock alone",
    change: wrapFunction<typeof longestElapsedMs>(
      "longestElapsedMs",
      (_original, clock, since) => clock.nowMs() - since.wallMs,
    ),
  },
  {
    breaks: 4,
    name: "a lease is measured by the monotonic clock alone",
    change: wrapFunction<typeof longestElapsedMs>(
      "longestElapsedMs",
      (_original, clock, since) => clock.monotonicMs() - since.monotonicMs,
    ),
  },
  {
    breaks: 4,
    name: "a slow heartbeat makes the lease longer",
    change: wrapGetter<Claim, "trustedMs">("Claim.trustedMs", ({ record }) => record.leaseMs ?? 0),
  },
  {
    breaks: 4,
    name: "a refused heartbeat does not end the run",
    change: wrapMethod<Claim, "renew">("Claim.renew", async (_claim, original, leaseMs, cancel) => {
      const outcome = await original(leaseMs, cancel);
      return outcome === "lost" ? "unknown" : outcome;
    }),
  },
  {
    breaks: 4,
    name: "a lost lease is not reported",
    change: wrapMethod<Reporter, "leaseLost">("Reporter.leaseLost", () => {}),
  },
  {
    breaks: 4,
    name: "the timeout counts from the call of the task",
    change: replace("ActiveRun.execute", "$TIMEOUT - elapsedMs($CLOCK, $SINCE)", "$TIMEOUT"),
  },
  {
    breaks: 4,
    name: "an abort does not reach the signal of the run",
    change: replace("ActiveRun.#abort", "this.#taskAbort.abort($ERROR)", "$ERROR"),
  },
  {
    breaks: 4,
    name: "an aborted run is released before its task has returned",
    change: replace("ActiveRun.#record", "if ($ABORTED && !this.#hasReturned) return", ""),
  },
  {
    breaks: 4,
    name: "wrapRun calls the task after the abort",
    change: wrapFunction<typeof callTask>(
      "callTask",
      (original, call) => original({ ...call, isAborted: () => false }),
    ),
  },
  {
    breaks: 4,
    name: "a trigger runs the task beside a run elsewhere",
    change: wrapFunction<typeof decide>("decide", (original, input, rules) => {
      const { found, isTriggered, nowMs } = input;
      const decision = original(input, rules);
      const isBeside = isTriggered && decision.kind === "wait" && decision.reason === "running";
      if (!isBeside || found.kind !== "record") return decision;
      const run = { scheduledMs: nowMs, nextDueMs: Infinity, startByMs: Infinity, takeover: undefined };
      return { kind: "run", ...run, before: found.record, standbys: found.record.standbys };
    }),
  },
];

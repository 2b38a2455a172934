import type { Outage } from "../../src/core/outage.ts";
import type { Reporter } from "../../src/core/reporter.ts";
import type { withDeadline } from "../../src/store/deadline.ts";
import type { backoffMs } from "../../src/time/backoff.ts";
import { type Mutant, replace, wrapFunction, wrapMethod } from "./mutant.ts";

/** Faults in what happens when the store fails or refuses: promise 10. */
export const OUTAGES: readonly Mutant[] = [
  {
    breaks: 10,
    name: "the wait after an error is ten times too short",
    change: wrapFunction<typeof backoffMs>("backoffMs", (original, ...args) => original(...args) / 10),
  },
  {
    breaks: 10,
    name: "the wait after an error has no limit",
    change: wrapFunction<typeof backoffMs>(
      "backoffMs",
      (original, failures, _capMs, random, baseMs) => original(failures, Infinity, random, baseMs),
    ),
  },
  {
    breaks: 10,
    name: "a store call may take a minute",
    change: wrapFunction<typeof withDeadline>(
      "withDeadline",
      (original, clock, limitMs, cancel, call) => original(clock, limitMs * 6, cancel, call),
    ),
  },
  {
    breaks: 10,
    name: "a refused claim is repeated without a wait",
    change: replace(
      "#followLostClaim",
      "if ($NEXT) return this.#backOff($ANSWER)",
      "if ($NEXT) return { next: this.waitForTurn(), answer: $ANSWER, hasRun: false }",
    ),
  },
  {
    breaks: 10,
    name: "the first record is written again without a wait",
    change: replace("Stepper.#writeFirst", "if ($ITERATION.hasWritten[$WHICH]) { $$$BODY }", ""),
  },
  {
    breaks: 10,
    name: "late runs leave the host's work no turn",
    change: replace("#followRun", "$LATE ? this.waitForTurn() : $AGAIN", "$AGAIN"),
  },
  {
    breaks: 10,
    name: "refused claims are not reported",
    change: wrapMethod<Reporter, "claimsRefused">("Reporter.claimsRefused", () => {}),
  },
  {
    breaks: 10,
    name: "a read that hangs keeps its place among those of a store",
    change: replace("SharedReads.#counted", 'signal.addEventListener("abort", leave)', ""),
  },
  {
    breaks: 2,
    name: "schedulers that share a call get the record of one of them",
    change: replace("SharedReads.#send", "resolve($ENTRIES[$INDEX] ?? null)", "resolve($ENTRIES[0] ?? null)"),
  },
  {
    breaks: "log",
    name: "every failure of an outage is logged",
    change: wrapMethod<Outage, "fail">(
      "Outage.fail",
      (outage, original, nowMs) => original(nowMs) ?? outage.report(nowMs),
    ),
  },
];

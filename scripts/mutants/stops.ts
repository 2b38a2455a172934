import type { Loop } from "../../src/core/loop.ts";
import type { NeatPeriodicTaskScheduler } from "../../src/scheduler.ts";
import type { StoreClient } from "../../src/store/client.ts";
import type { withDeadline } from "../../src/store/deadline.ts";
import { type Mutant, replace, wrapFunction, wrapMethod } from "./mutant.ts";

/** Faults in `stop()` and `trigger()`: promise 8. */
export const STOPS: readonly Mutant[] = [
  {
    breaks: 8,
    name: "stop() does not wait for the run",
    change: replace("Loop.#drain", "if ($ITERATION && $ITERATING) { $$$BODY }", ""),
  },
  {
    breaks: 8,
    name: "stop() leaves a timer",
    change: replace("Loop.#stop", "this.#clearTimer()", "this.#wait"),
  },
  {
    breaks: 8,
    name: "a claim begins after stop()",
    change: replace("Stepper.step", "if ($ITERATION.stop.signal.aborted) return $NEXT", ""),
  },
  {
    breaks: 8,
    name: "a claim that was won after stop() is run",
    change: replace("ClaimedRuns.run", "$STOP.aborted || $LATE", "$LATE"),
  },
  {
    breaks: 9,
    name: "a claim that is not run is not released",
    change: replace(
      "ClaimedRuns.#release",
      "await $CLAIM.release($$$ARGS)",
      '"written" as Awaited<ReturnType<typeof $CLAIM.release>>',
    ),
  },
  {
    breaks: 8,
    name: "stop() does not wait for the outcome to be recorded",
    change: replace("ActiveRun.execute", "await this.#record($$$ARGS)", "void this.#record($$$ARGS)"),
  },
  {
    breaks: 8,
    name: "stop() ignores its timeout",
    change: wrapMethod<Loop, "stop">(
      "Loop.stop",
      (_loop, original, options) => original({ ...options, timeoutMs: undefined }),
    ),
  },
  {
    breaks: 8,
    name: "stop() does not end a store call",
    change: wrapFunction<typeof withDeadline>(
      "withDeadline",
      (original, clock, limitMs, cancel, call) => {
        cancel?.throwIfAborted();
        return original(clock, limitMs, undefined, call);
      },
    ),
  },
  {
    breaks: 8,
    name: "stop() answers that nothing is left",
    change: wrapMethod<NeatPeriodicTaskScheduler, "stop">(
      "NeatPeriodicTaskScheduler.stop",
      async (_scheduler, original, options) => ({ ...await original(options), clean: true }),
    ),
  },
  {
    breaks: 8,
    name: "stop() does not answer a trigger",
    change: replace("Loop.#stop", "this.#answer($RESULT)", "{}"),
  },
  {
    breaks: 8,
    name: "stopAfter() of a run that is over stops the scheduler",
    change: replace("ActiveRun.constructor", "!this.#end.signal.aborted", "true"),
  },
  {
    breaks: "schedule",
    name: "a stopped replica keeps the preferred place after a failed run",
    change: wrapMethod<StoreClient, "resign">(
      "StoreClient.resign",
      (client, original, ...args) => client.ownRecord?.state === "failed" ? Promise.resolve() : original(...args),
    ),
  },
  {
    breaks: "run",
    name: "a trigger during a check is not served",
    change: replace("Loop.#iterate", 'if ($NEXT.kind === "wait" && $NEW) { $$$BODY }', ""),
  },
];

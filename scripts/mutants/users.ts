import type { decide } from "../../src/core/decision.ts";
import type { pendingAnswer } from "../../src/core/pending_answer.ts";
import type { Reporter } from "../../src/core/reporter.ts";
import type { callTask } from "../../src/core/task_call.ts";
import type { SafeEventTarget } from "../../src/events.ts";
import type { callSafely, logTo } from "../../src/log.ts";
import { type Mutant, replace, wrapFunction, wrapMethod } from "./mutant.ts";

/** Faults in calls to what users give, and in what is logged: promise 11. */
export const USERS: readonly Mutant[] = [
  {
    breaks: 11,
    name: "an error of a listener escapes",
    change: wrapMethod<SafeEventTarget, "addEventListener">(
      "SafeEventTarget.addEventListener",
      (target, _original, type, listener, options) =>
        EventTarget.prototype.addEventListener.call(target, type, listener, options),
    ),
  },
  {
    breaks: 11,
    name: "an error of the logger escapes",
    change: wrapFunction<typeof logTo>(
      "logTo",
      (_original, log, level, message, ...details) => void (log ?? console)[level](message, ...details),
    ),
  },
  {
    breaks: 11,
    name: "a rejection of a listener or logger escapes",
    change: wrapFunction<typeof callSafely>(
      "callSafely",
      (original, call, onError) => original(() => void call(), onError),
    ),
  },
  {
    breaks: 11,
    name: "an error of wrapRun fails a run that has finished",
    change: wrapFunction<typeof callTask>("callTask", (original, call) =>
      original({
        ...call,
        onWrapError(error) {
          throw error;
        },
      })),
  },
  {
    breaks: 11,
    name: "an error of retryDelay escapes",
    change: replace("RetryDelay.#evaluate", 'this.#reporter.warn("retryDelay failed", $ERROR)', "throw $ERROR"),
  },
  {
    breaks: 11,
    name: "a rejected trigger that nobody waits for escapes",
    change: wrapFunction<typeof pendingAnswer>("pendingAnswer", (original) => {
      const trigger = original();
      return { ...trigger, answer: trigger.answer.then((result) => result) };
    }),
  },
  {
    breaks: "log",
    name: "START is not logged",
    change: wrapMethod<Reporter, "started">("Reporter.started", () => {}),
  },
  {
    breaks: "log",
    name: "FAILED is logged for a run that stop() aborted",
    change: wrapMethod<Reporter, "ended">(
      "Reporter.ended",
      (_reporter, original, result) =>
        original(result.outcome === "aborted" ? { ...result, outcome: "failed" } : result),
    ),
  },
  {
    breaks: "log",
    name: "ALIVE is logged after a failed run",
    change: wrapFunction<typeof decide>("decide", (original, input, rules) => {
      const decision = original(input, rules);
      return decision.kind === "wait" ? { ...decision, isAlive: decision.reason !== "running" } : decision;
    }),
  },
];

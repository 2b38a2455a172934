// What TypeScript knows of results and events once their tag is known.

import { assertEquals, assertThrows } from "@std/assert";
import {
  type Explanation,
  type IntervalTaskOptions,
  type NeatPeriodicTaskEventMap,
  type NeatPeriodicTaskEventType,
  NeatPeriodicTaskScheduler,
  type TriggerResult,
} from "../mod.ts";
import { SILENT } from "./helpers/log.ts";

function scheduler(options: Partial<IntervalTaskOptions> = {}): NeatPeriodicTaskScheduler {
  return new NeatPeriodicTaskScheduler({
    name: "typed",
    interval: { hours: 1 },
    timeout: { minutes: 1 },
    log: SILENT,
    task: () => {},
    ...options,
  });
}

function describeResult(result: TriggerResult): string {
  switch (result.outcome) {
    case "finished":
      return `finished ${result.run.term}`;
    case "failed":
    case "timeout":
    case "leaselost":
    case "aborted":
      return `${result.outcome} ${result.run.term}: ${result.error}`;
    case "running-elsewhere":
    case "paused":
    case "stopped":
    case "too-many-abandoned":
      return result.outcome;
  }
}

Deno.test("a TriggerResult has a run and an error as its outcome says", async () => {
  await using good = scheduler();
  await using bad = scheduler({ task: () => Promise.reject("no luck") });
  assertEquals(describeResult(await good.trigger()), "finished 1");
  assertEquals(describeResult(await bad.trigger()), "failed 1: no luck");
  await good.stop();
  assertEquals(describeResult(await good.trigger()), "stopped");
});

function describeExplanation(explanation: Explanation): string {
  if (explanation.reason === "running") return `term ${explanation.term}`;
  if (explanation.reason === "not-due") return `due in ${explanation.due.getTime() - Date.now() > 0}`;
  return explanation.message;
}

Deno.test("an Explanation has the properties that its reason says", async () => {
  const explained: string[] = [];
  await using running: NeatPeriodicTaskScheduler = scheduler({
    task: () => void explained.push(describeExplanation(running.explain())),
  });
  explained.push(describeExplanation(running.explain()));
  await running.trigger();
  assertEquals(explained, ["The scheduler was not started", "term 1"]);
});

function describeEvent(event: NeatPeriodicTaskEventMap[NeatPeriodicTaskEventType]): string {
  if (event.type === "failed") return `${event.name} ${event.run.term} ${event.outcome}: ${event.error}`;
  if (event.type === "finished") return `${event.name} ${event.run.term} ${event.durationMs >= 0}`;
  return event.type;
}

Deno.test("an event has the properties that its type says", async () => {
  const described: string[] = [];
  await using bad = scheduler({ task: () => Promise.reject("no luck") });
  for (const type of ["start", "finished", "failed"] as const) {
    bad.addEventListener(type, (event) => described.push(describeEvent(event)));
  }
  await bad.trigger();
  assertEquals(described, ["start", "typed 1 failed: no luck"]);
});

for (
  const [option, message] of [
    ["intervall", '"intervall" is not an option, did you mean "interval"?: current value is 1'],
    ["heartbeatTimeOut", 'did you mean "heartbeatTimeout"?'],
    ["mincycle", 'did you mean "minCycle"?'],
    ["frequency", '"frequency" is not an option: current value is 1'],
  ] as const
) {
  Deno.test(`the constructor refuses the option ${option} by name, with the nearest known one`, () => {
    assertThrows(() => scheduler({ [option]: 1 }), TypeError, message);
  });
}

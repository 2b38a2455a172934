// Run with OTEL_DENO=true: a task that fetches, runs once, fails once and ends. All telemetry is that of Deno.

import { MemoryStore, NeatPeriodicTaskGroup, NeatPeriodicTaskScheduler } from "@neat/periodic-task";
import { instrument, instrumentStore } from "@neat/periodic-task/opentelemetry";

const [address = ""] = Deno.args;
const common = {
  interval: { hours: 1 },
  timeout: { minutes: 1 },
  log: { info() {}, warn() {}, error() {} },
  store: instrumentStore(new MemoryStore(), { spans: true }),
};
await using tasks = new NeatPeriodicTaskGroup([
  new NeatPeriodicTaskScheduler({
    ...common,
    name: "fetching",
    task: async () => await (await fetch(address)).body?.cancel(),
  }),
  new NeatPeriodicTaskScheduler({ ...common, name: "failing", task: () => Promise.reject(new RangeError("no luck")) }),
]);
using _telemetry = instrument(tasks);
for (const task of tasks) await task.trigger();

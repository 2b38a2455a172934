/**
 * How do many replicas share many tasks, so that no process holds all of them?
 *
 * Each task takes place on two of five replicas. Start several of them with the same store: each creates the schedulers of its own
 * tasks alone.
 *
 *   deno run -A --unstable-kv examples/sharding.ts [--replica server-0] [--store URL]
 *
 * Under Kubernetes, the pods of a StatefulSet have such names, which `os.hostname()` returns.
 */
import { NeatPeriodicTaskGroup, NeatPeriodicTaskScheduler } from "@neat/periodic-task";
import { replicasFor, tasksFor } from "@neat/periodic-task/sharding";
import { openStore } from "@neat/periodic-task/stores/open";
import { parseArgs } from "node:util";
import { setTimeout as delay } from "node:timers/promises";
import { terminated } from "./terminated.ts";

const { values: { replica, store: url } } = parseArgs({
  options: { replica: { type: "string", default: "server-0" }, store: { type: "string", default: "memory:" } },
});

// the same lists on all replicas
const replicas = Array.from({ length: 5 }, (_, ordinal) => `server-${ordinal}`);
const tasks = Array.from({ length: 10 }, (_, index) => `tenant-${index}`);
const shares = { replicas, count: 2 };

const mine = tasksFor(replica, { ...shares, tasks });
const [first, second] = [true, false].map((isFirst) =>
  mine.filter((task) => (replicasFor(task, shares)[0] === replica) === isFirst)
);
console.log(`${replica} comes first for ${first}, and second for ${second}`);

await using store = await openStore(url);
await using group = new NeatPeriodicTaskGroup(mine.map((name) =>
  new NeatPeriodicTaskScheduler({
    name,
    instance: replica,
    store,
    interval: { minutes: 1 },
    timeout: { seconds: 10 },
    task: () => console.log(`Cleaning up ${name}`),
  })
));
const signal = terminated();
// the first replica of a task takes it, if it starts within these seconds: so the runs are shared out evenly, too
for (const scheduler of group) if (first?.includes(scheduler.name)) scheduler.start();
const isEnding = await Promise.race([signal.then(() => true), delay(2_000, false, { ref: false })]);
if (!isEnding) { for (const scheduler of group) if (scheduler.state === "new") scheduler.start(); }
await signal;

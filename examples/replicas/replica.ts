/**
 * How does a server share a task with its other replicas on the same machine?
 *
 * Any number of these may run at once: the task runs on one of them at a time. All of them open the same FILE, a
 * database of the STORE: `deno-kv` or `sqlite`. `deno task demo` starts three.
 *
 *   deno run --unstable-kv -A examples/replicas/replica.ts STORE FILE [INSTANCE]
 */
import { NeatPeriodicTaskScheduler, type Run } from "@neat/periodic-task";
import { setTimeout as sleep } from "node:timers/promises";
import { terminated } from "../terminated.ts";
import { isStoreName, openStore, STORES } from "./store.ts";

const [name, file = "tasks", instance] = Deno.args;
if (!isStoreName(name)) throw new TypeError(`STORE must be one of ${STORES.join(", ")}: it is ${name}`);

using opened = await openStore(name, file);
await using scheduler = new NeatPeriodicTaskScheduler({
  name: "hello-world",
  interval: { seconds: 4 },
  timeout: { seconds: 4 },
  // a run without a heartbeat for this long is taken over
  heartbeatTimeout: { seconds: 3 },
  // for Deno KV, which has no clock of its own; all replicas are on one machine here, and share its clock
  clockTolerance: { milliseconds: 100 },
  store: opened.store,
  // the name of this replica, which the dashboard shows
  instance,
  task: greet,
});
scheduler.start();
await terminated();
// leaving the module's scope stops the scheduler, and then closes the database

/** Takes two seconds, and prints its start and end, so that the demo finds overlaps. */
async function greet({ term, scheduled, signal }: Run): Promise<void> {
  console.log(`Hello World (term ${term}, due ${scheduled.toISOString()}, at ${new Date().toISOString()})`);
  try {
    await sleep(2_000, undefined, { signal });
  } finally {
    console.log(`Goodbye (term ${term}, at ${new Date().toISOString()})`);
  }
}

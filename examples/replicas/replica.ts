/**
 * How does a server share a task with its other replicas on the same machine?
 *
 * Any number of these may run at once: the task runs on one of them at a time. All of them open the same FILE, a Deno KV database.
 * `deno task demo` starts three.
 *
 *   deno run --unstable-kv -A examples/replicas/replica.ts FILE
 */
import { NeatPeriodicTaskScheduler, type Run } from "@neat/periodic-task";
import { DenoKvStore } from "@neat/periodic-task/stores/deno-kv";
import { setTimeout as sleep } from "node:timers/promises";
import { terminated } from "../terminated.ts";

using kv = await Deno.openKv(Deno.args[0]);
await using scheduler = new NeatPeriodicTaskScheduler({
  name: "hello-world",
  interval: { seconds: 4 },
  timeout: { seconds: 4 },
  // a run without a heartbeat for this long is taken over
  heartbeatTimeout: { seconds: 3 },
  // Deno KV has no clock of its own; all replicas are on one machine here, and share its clock
  clockTolerance: { milliseconds: 100 },
  store: new DenoKvStore({ kv }),
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

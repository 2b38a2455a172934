/**
 * How does another replica take over a long task soon after a crash, although the task has an hour?
 *
 * Without a heartbeat a replica that crashes is replaced when its `timeout` is over. With one, it is replaced when no heartbeat
 * has arrived for `heartbeatTimeout`. Prints the heartbeats of one run, which takes 3 seconds here, and ends.
 *
 *   deno run examples/heartbeat.ts
 */
import { MemoryStore, NeatPeriodicTaskScheduler, type Run } from "@neat/periodic-task";
import { setTimeout as sleep } from "node:timers/promises";

const PAGES = 6;

await using scheduler = new NeatPeriodicTaskScheduler({
  name: "rebuild-index",
  interval: { hours: 6 },
  timeout: { hours: 1 },
  // a heartbeat every second; a server would rather take a minute for each
  heartbeatInterval: { seconds: 1 },
  heartbeatTimeout: { seconds: 3 },
  store: new MemoryStore(),
  task: rebuild,
});
const { outcome } = await scheduler.trigger();
console.log(outcome);

/** Works in steps and passes the signal on, so that it stops when the lease is lost. */
async function rebuild({ signal }: Run): Promise<void> {
  for (let page = 1; page <= PAGES; page++) {
    await sleep(500, undefined, { signal });
    const { heartbeat } = await scheduler.status();
    console.log(`page ${page} of ${PAGES}, last heartbeat: ${heartbeat?.toISOString() ?? "none yet"}`);
  }
}

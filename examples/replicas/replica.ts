/**
 * A server with a periodic task, of which any number may run at once: the task runs on one of them at a time.
 *
 *   deno run --unstable-kv -A examples/replicas/replica.ts FILE
 *
 * All of them open the same FILE, a Deno KV database. `deno task demo` starts three.
 */
import { NeatPeriodicTaskScheduler, type Run } from "@neat/periodic-task";
import { DenoKvStore } from "@neat/periodic-task/stores/deno-kv";

using kv = await Deno.openKv(Deno.args[0]);
await using scheduler = new NeatPeriodicTaskScheduler({
  name: "hello-world",
  interval: { seconds: 3 },
  timeout: { seconds: 10 },
  // whoever has shown no sign of life for so long is replaced
  heartbeatTimeout: { seconds: 3 },
  // Deno KV has no clock that could be asked; all replicas are on one machine here, and so have one clock
  clockTolerance: { milliseconds: 100 },
  store: new DenoKvStore({ kv }),
  task: greet,
});
scheduler.start();
await terminated();
// leaving the module's scope stops the scheduler, which waits for a run in progress, and then closes the database

/** Takes two seconds, and says so that the demo can tell whether two of them ever ran at once. */
async function greet(run: Run): Promise<void> {
  console.log(`Hello World (term ${run.term}, due ${run.scheduled.toISOString()}, at ${new Date().toISOString()})`);
  try {
    await sleep(2_000, run.signal);
  } finally {
    console.log(`Goodbye (term ${run.term}, at ${new Date().toISOString()})`);
  }
}

/** Resolves after a time, or rejects when the signal aborts. */
function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(signal.reason);
    });
  });
}

/** Resolves at Ctrl-C or SIGTERM. */
function terminated(): Promise<void> {
  // Windows knows no SIGTERM
  const signals: Deno.Signal[] = Deno.build.os === "windows" ? ["SIGINT"] : ["SIGINT", "SIGTERM"];
  const { promise, resolve } = Promise.withResolvers<void>();
  for (const signal of signals) Deno.addSignalListener(signal, resolve);
  return promise.then(() => {
    for (const signal of signals) Deno.removeSignalListener(signal, resolve);
  });
}

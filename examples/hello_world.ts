/**
 * The smallest server with a periodic task: it says hello until it is told to stop.
 *
 *   deno run examples/hello_world.ts [--interval SECONDS]
 */
import { NeatPeriodicTaskScheduler } from "@neat/periodic-task";

const flag = Deno.args.indexOf("--interval");
const interval = { seconds: flag < 0 ? 30 : Number(Deno.args[flag + 1]) };

await using scheduler = new NeatPeriodicTaskScheduler({
  name: "hello-world",
  interval,
  timeout: { seconds: 5 },
  task: () => console.log("Hello World"),
});
scheduler.start();
await terminated();
// leaving the module's scope stops the scheduler: a run in progress is waited for

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

/**
 * One task for all the processes of a machine that open the same Deno KV file: one of them says hello at a time. Start it in
 * several terminals, then stop the one that has said hello: another takes over.
 *
 *   deno run --unstable-kv --allow-read --allow-write examples/deno_kv.ts [--interval SECONDS] [--file PATH]
 */
import { NeatPeriodicTaskScheduler } from "@neat/periodic-task";
import { DenoKvStore } from "@neat/periodic-task/stores/deno-kv";

const interval = { seconds: Number(option("--interval") ?? 30) };

using kv = await Deno.openKv(option("--file") ?? "hello_world.sqlite3");
await using scheduler = new NeatPeriodicTaskScheduler({
  name: "hello-world",
  interval,
  timeout: { seconds: 5 },
  store: new DenoKvStore({ kv }),
  task: (run) => console.log("Hello World", run.term),
});
scheduler.start();
await terminated();
// leaving the module's scope stops the scheduler, which hands its place on, and only then closes the database

/** What follows a name on the command line. */
function option(name: string): string | undefined {
  const index = Deno.args.indexOf(name);
  return index < 0 ? undefined : Deno.args[index + 1];
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

/**
 * One task for all the servers that share a Cloud Storage bucket: one of them says hello at a time. Start it in several
 * terminals, then stop the one that has said hello: another takes over.
 *
 *   deno run --allow-net --allow-env --allow-read examples/gcs.ts --bucket NAME [--interval SECONDS]
 *
 * It signs in by Application Default Credentials, unless the environment variable STORAGE_EMULATOR_HOST names an emulator.
 */
import { NeatPeriodicTaskScheduler } from "@neat/periodic-task";
import { GcsStore } from "@neat/periodic-task/stores/gcs";

const interval = { seconds: Number(option("--interval") ?? 30) };

await using scheduler = new NeatPeriodicTaskScheduler({
  name: "hello-world",
  interval,
  timeout: { seconds: 5 },
  store: new GcsStore({ bucket: option("--bucket") ?? "" }),
  task: (run) => console.log("Hello World", run.term),
});
scheduler.start();
await terminated();
// leaving the module's scope stops the scheduler, which hands its place on

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

/**
 * One task for all the servers that share a database in Datastore mode: one of them says hello at a time. Start it in several
 * terminals, then stop the one that has said hello: another takes over.
 *
 *   deno run --allow-net --allow-env --allow-read examples/datastore.ts --project ID [--interval SECONDS]
 *
 * It signs in by Application Default Credentials, unless the environment variable DATASTORE_EMULATOR_HOST names an emulator.
 */
import { NeatPeriodicTaskScheduler } from "@neat/periodic-task";
import { DatastoreStore } from "@neat/periodic-task/stores/datastore";

const interval = { seconds: Number(option("--interval") ?? 30) };
const projectId = option("--project");

await using scheduler = new NeatPeriodicTaskScheduler({
  name: "hello-world",
  interval,
  timeout: { seconds: 5 },
  // without a project's id, that of the environment is taken
  store: new DatastoreStore(projectId ? { projectId } : {}),
  task: (run) => console.log("Hello World", run.term),
});
scheduler.start();
await terminated();
// leaving the module's scope stops the scheduler, which waits for a run in progress and hands its place on

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

// Runs a task once that fails. Its name is the program's argument.
import { NeatPeriodicTaskScheduler } from "../../mod.ts";

await using scheduler = new NeatPeriodicTaskScheduler({
  name: Deno.args[0] ?? "",
  interval: { hours: 1 },
  timeout: { seconds: 5 },
  task: () => {
    throw new Error("no luck %s");
  },
});
await scheduler.trigger();

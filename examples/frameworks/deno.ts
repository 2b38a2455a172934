/**
 * How does a server with `Deno.serve` run periodic tasks?
 *
 * The tasks start when the server listens. At SIGTERM or Ctrl-C both stop: requests and the run in progress are waited for.
 *
 *   deno run --allow-net=127.0.0.1 --allow-env=PORT examples/frameworks/deno.ts
 */
import { NeatPeriodicTaskGroup, NeatPeriodicTaskScheduler, type Run } from "@neat/periodic-task";
import { setTimeout as sleep } from "node:timers/promises";

const tasks = new NeatPeriodicTaskGroup([
  new NeatPeriodicTaskScheduler({
    name: "clean-up",
    interval: { minutes: 10 },
    timeout: { minutes: 1 },
    task: cleanUp,
  }),
]);

const server = Deno.serve({
  hostname: "127.0.0.1",
  port: Number(Deno.env.get("PORT") ?? 8000),
  onListen({ port }) {
    console.log(`Listening on http://127.0.0.1:${port}/`);
    tasks.start();
  },
}, () => new Response("Hello from Deno"));

for (const signal of ["SIGINT", "SIGTERM"] as const) Deno.addSignalListener(signal, shutDown);

async function shutDown(): Promise<void> {
  await Promise.all([server.shutdown(), tasks.stop({ timeout: { seconds: 20 } })]);
  Deno.exit();
}

async function cleanUp({ signal }: Run): Promise<void> {
  console.log("Cleaning up");
  await sleep(1_000, undefined, { signal });
  console.log("Cleaned up");
}

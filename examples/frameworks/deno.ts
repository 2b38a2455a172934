/**
 * How does a server with `Deno.serve` run periodic tasks?
 *
 * The tasks start when the server listens. At SIGTERM or Ctrl-C both stop: requests and the run in progress are waited for.
 *
 *   deno run --allow-net=127.0.0.1 --allow-env=PORT examples/frameworks/deno.ts
 */
import { NeatPeriodicTaskGroup, NeatPeriodicTaskScheduler, type Run } from "@neat/periodic-task";
import { health } from "@neat/periodic-task/health";
import { setTimeout as sleep } from "node:timers/promises";

const tasks = new NeatPeriodicTaskGroup([
  new NeatPeriodicTaskScheduler({
    name: "clean-up",
    interval: { minutes: 10 },
    timeout: { minutes: 1 },
    task: cleanUp,
  }),
]);

const check = health(tasks);
const server = Deno.serve({
  hostname: "127.0.0.1",
  port: Number(Deno.env.get("PORT") ?? 8000),
  onListen({ port }) {
    console.log(`Listening on http://127.0.0.1:${port}/`);
    tasks.start();
  },
}, (request) => {
  if (new URL(request.url).pathname === "/health") return check(request);
  return new Response("Hello from Deno");
});

const signals = ["SIGINT", "SIGTERM"] as const;
for (const signal of signals) Deno.addSignalListener(signal, shutDown);

async function shutDown(): Promise<void> {
  // a second signal ends the process at once
  for (const signal of signals) Deno.removeSignalListener(signal, shutDown);
  // a stream that is open, such as one of server-sent events, would be waited for without a limit
  await Promise.all([
    Promise.race([server.shutdown(), sleep(5_000)]),
    tasks.stop({ timeout: { seconds: 20 } }),
  ]);
  Deno.exit();
}

async function cleanUp({ signal }: Run): Promise<void> {
  console.log("Cleaning up");
  await sleep(1_000, undefined, { signal });
  console.log("Cleaned up");
}

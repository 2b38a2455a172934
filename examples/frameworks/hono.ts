/**
 * How does a server with Hono on Node run periodic tasks?
 *
 * The tasks start when the server listens. At SIGTERM or Ctrl-C both stop: requests and the run in progress are waited for.
 *
 *   deno run --allow-net=127.0.0.1 --allow-env --allow-read examples/frameworks/hono.ts
 */
import { serve } from "@hono/node-server";
import { NeatPeriodicTaskGroup, NeatPeriodicTaskScheduler, type Run } from "@neat/periodic-task";
import { health } from "@neat/periodic-task/health";
import { Hono } from "hono";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";

const tasks = new NeatPeriodicTaskGroup([
  new NeatPeriodicTaskScheduler({
    name: "clean-up",
    interval: { minutes: 10 },
    timeout: { minutes: 1 },
    task: cleanUp,
  }),
]);

const app = new Hono();
app.get("/", (context) => context.text("Hello from Hono"));

const check = health(tasks);
app.get("/health", (context) => check(context.req.raw));

const address = { hostname: "127.0.0.1", port: Number(process.env["PORT"] ?? 8000) };
const server = serve({ ...address, fetch: app.fetch }, ({ port }) => {
  console.log(`Listening on http://127.0.0.1:${port}/`);
  tasks.start();
});

const signals = ["SIGINT", "SIGTERM"] as const;
for (const signal of signals) process.once(signal, shutDown);

async function shutDown(): Promise<void> {
  // a second signal ends the process at once
  for (const signal of signals) process.off(signal, shutDown);
  const closed = new Promise((resolve) => server.close(resolve));
  // a stream that is open, such as one of server-sent events, would be waited for without a limit
  await Promise.all([Promise.race([closed, sleep(5_000)]), tasks.stop({ timeout: { seconds: 20 } })]);
  process.exit();
}

async function cleanUp({ signal }: Run): Promise<void> {
  console.log("Cleaning up");
  await sleep(1_000, undefined, { signal });
  console.log("Cleaned up");
}

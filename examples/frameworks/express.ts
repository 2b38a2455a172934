/**
 * How does a server with Express run periodic tasks?
 *
 * The tasks start when the server listens. At SIGTERM or Ctrl-C both stop: requests and the run in progress are waited for.
 *
 *   deno run --allow-net=127.0.0.1 --allow-env --allow-read --allow-sys examples/frameworks/express.ts
 */
import { NeatPeriodicTaskGroup, NeatPeriodicTaskScheduler, type Run } from "@neat/periodic-task";
import { health } from "@neat/periodic-task/health";
// @ts-types="npm:@types/express@5.0.6"
import express from "express";
import type { AddressInfo } from "node:net";
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

const app = express();
app.get("/", (_request, response) => {
  response.send("Hello from Express");
});

const check = health(tasks);
app.get("/health", async (_request, response) => {
  const answer = await check(new Request("http://localhost/health"));
  response.status(answer.status).set(Object.fromEntries(answer.headers)).send(await answer.text());
});

const server = app.listen(Number(process.env["PORT"] ?? 8000), "127.0.0.1", (error) => {
  // Express calls this with the error too, such as that the port is taken
  if (error) throw error;
  console.log(`Listening on http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
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

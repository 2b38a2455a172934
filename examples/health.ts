/**
 * How do I see from outside whether the tasks do their work?
 *
 * Serves three health checks: `/health/tasks` for uptime monitors, and `/health/live` and `/health/ready` for an orchestrator.
 *
 *   deno run --allow-net=127.0.0.1 examples/health.ts [--port PORT]
 *
 *   curl -i http://127.0.0.1:8000/health/tasks
 */
import { NeatPeriodicTaskGroup, NeatPeriodicTaskScheduler } from "@neat/periodic-task";
import { health } from "@neat/periodic-task/health";
import { parseArgs } from "node:util";
import { terminated } from "./terminated.ts";

const { values } = parseArgs({ options: { port: { type: "string", default: "8000" } } });

const tasks = new NeatPeriodicTaskGroup([
  new NeatPeriodicTaskScheduler({
    name: "backup",
    interval: { hours: 6 },
    timeout: { minutes: 30 },
    task: () => console.log("Backing up"),
  }),
]);

const checks = new Map([
  ["/health/tasks", health(tasks)],
  ["/health/live", health(tasks, { probe: "live" })],
  ["/health/ready", health(tasks, { probe: "ready" })],
]);
const address = {
  hostname: "127.0.0.1",
  port: Number(values.port),
  onListen: ({ port }: Deno.NetAddr): void => console.log(`Listening on http://127.0.0.1:${port}/`),
};
await using _server = Deno.serve(address, async (request) => {
  const check = checks.get(new URL(request.url).pathname);
  return await check?.(request) ?? new Response("Not found", { status: 404 });
});
// stops before the server, which answers until then
await using _running = tasks;
tasks.start();
await terminated();

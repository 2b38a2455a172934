/**
 * How does an operator start a run by hand?
 *
 * Serves `POST /trigger`, which runs the task now and answers with the outcome, and `GET /status`, which shows the record.
 * It listens on this machine alone: anything more needs authentication.
 *
 *   deno run --allow-net=127.0.0.1 examples/trigger_over_http.ts [--port PORT]
 *
 *   curl -X POST http://127.0.0.1:8000/trigger
 */
import { NeatPeriodicTaskScheduler } from "@neat/periodic-task";
import { parseArgs } from "node:util";
import { terminated } from "./terminated.ts";

const { values } = parseArgs({ options: { port: { type: "string", default: "8000" } } });

await using scheduler = new NeatPeriodicTaskScheduler({
  name: "backup",
  interval: { hours: 6 },
  timeout: { minutes: 30 },
  task: () => console.log("Backing up"),
});
scheduler.start();

const address = {
  hostname: "127.0.0.1",
  port: Number(values.port),
  onListen: ({ port }: Deno.NetAddr): void => console.log(`Listening on http://127.0.0.1:${port}/`),
};
await using _server = Deno.serve(address, async (request) => {
  const { pathname } = new URL(request.url);
  if (request.method === "POST" && pathname === "/trigger") {
    const { outcome } = await scheduler.trigger();
    return Response.json({ outcome });
  }
  if (request.method === "GET" && pathname === "/status") return Response.json(await scheduler.status());
  return new Response("Not found", { status: 404 });
});
await terminated();
// leaving the module's scope stops the server, and then the scheduler

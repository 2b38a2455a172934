/**
 * How do I see which task does not do its work, and pause or run one by hand?
 *
 * Serves a dashboard behind a sign-in: the name is `ada`, and the password is in DASHBOARD_PASSWORD.
 *
 *   deno run --allow-net=127.0.0.1 --allow-env=DASHBOARD_PASSWORD examples/dashboard.ts [--port PORT]
 */
import { MemoryStore, NeatPeriodicTaskGroup, NeatPeriodicTaskScheduler } from "@neat/periodic-task";
import { dashboard } from "@neat/periodic-task/dashboard";
import { Hono } from "hono";
import { basicAuth } from "hono/basic-auth";
import { parseArgs } from "node:util";
import { terminated } from "./terminated.ts";

const { values } = parseArgs({ options: { port: { type: "string", default: "8000" } } });
const password = Deno.env.get("DASHBOARD_PASSWORD");
if (!password) throw new Error("Cannot serve the dashboard as DASHBOARD_PASSWORD is not set: current value is empty");

// with replicas, a store that they share
const store = new MemoryStore();
await using tasks = new NeatPeriodicTaskGroup([
  new NeatPeriodicTaskScheduler({
    name: "backup",
    interval: { minutes: 1 },
    timeout: { seconds: 30 },
    minCycle: { seconds: 10 },
    store,
    task: () => console.log("Backing up"),
  }),
  new NeatPeriodicTaskScheduler({
    name: "invoices",
    interval: { minutes: 5 },
    timeout: { seconds: 30 },
    minCycle: { seconds: 10 },
    store,
    task: () => Promise.reject(new Error("the mail server refuses the password")),
  }),
]);
tasks.start();

// ends the live updates, for which the server would wait
const ending = new AbortController();
const app = new Hono();
app.use("/tasks/*", basicAuth({ username: "ada", password }));
app.route("/tasks", dashboard({ group: tasks, actions: true, by: () => "ada", signal: ending.signal }));

const address = {
  hostname: "127.0.0.1",
  port: Number(values.port),
  onListen: ({ port }: Deno.NetAddr): void => console.log(`Dashboard on http://127.0.0.1:${port}/tasks/`),
};
await using _server = Deno.serve(address, app.fetch);
await terminated();
ending.abort();
// leaving the module's scope stops the server, and then the tasks

/**
 * How do replicas share a task through Consul?
 *
 * Start it in several terminals: one of them prints "Hello World" at a time. Stop that one, and another takes over. It needs an agent
 * of Consul, such as the one of `consul agent -dev`.
 *
 *   deno run --allow-net --allow-env=CONSUL_HTTP_TOKEN examples/consul.ts [--interval SECONDS] [--endpoint URL]
 *
 * With ACLs, CONSUL_HTTP_TOKEN is the token.
 */
import { NeatPeriodicTaskScheduler } from "@neat/periodic-task";
import { checkStore, ConsulStore } from "@neat/periodic-task/stores/consul";
import process from "node:process";
import { parseArgs } from "node:util";
import { terminated } from "./terminated.ts";

const { values } = parseArgs({
  options: {
    endpoint: { type: "string", default: "http://127.0.0.1:8500" },
    interval: { type: "string", default: "30" },
  },
});

const { CONSUL_HTTP_TOKEN: token } = process.env;
const store = new ConsulStore({ endpoint: values.endpoint, ...(token ? { token } : {}) });
// a wrong address or token is found out now
await checkStore(store);

const scheduler = new NeatPeriodicTaskScheduler({
  name: "hello-world",
  interval: { seconds: Number(values.interval) },
  timeout: { seconds: 5 },
  store,
  task: (run) => console.log("Hello World", run.term),
});
scheduler.start();
await terminated();
await scheduler.stop();

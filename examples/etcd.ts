/**
 * How do replicas share a task through etcd?
 *
 * Start it in several terminals: one of them prints "Hello World" at a time. Stop that one, and another takes over. It needs etcd 3.4
 * or later, such as the one of `apt-get install etcd-server`.
 *
 *   deno run --allow-net --allow-env=ETCD_USER,ETCD_PASSWORD examples/etcd.ts [--interval SECONDS] [--endpoint URL]
 *
 * With authentication, ETCD_USER and ETCD_PASSWORD name the user.
 */
import { NeatPeriodicTaskScheduler } from "@neat/periodic-task";
import { checkStore, EtcdStore } from "@neat/periodic-task/stores/etcd";
import process from "node:process";
import { parseArgs } from "node:util";
import { terminated } from "./terminated.ts";

const { values } = parseArgs({
  options: {
    endpoint: { type: "string", default: "http://127.0.0.1:2379" },
    interval: { type: "string", default: "30" },
  },
});

const { ETCD_USER: user, ETCD_PASSWORD: password } = process.env;
const store = new EtcdStore({ endpoint: values.endpoint, ...(user && password ? { user, password } : {}) });
// a wrong address or password is found out now
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

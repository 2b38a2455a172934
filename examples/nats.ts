/**
 * How do replicas share a task through NATS JetStream?
 *
 * Start it in several terminals: one of them prints "Hello World" at a time. Stop that one, and another takes over. It needs NATS with
 * JetStream, such as one of `nats-server -js`.
 *
 *   deno run --allow-net --allow-env --allow-sys --allow-read examples/nats.ts [--interval SECONDS] [--servers HOST:PORT]
 */
import { Kvm } from "@nats-io/kv";
import { connect } from "@nats-io/transport-node";
import { NeatPeriodicTaskScheduler } from "@neat/periodic-task";
import { checkStore, NatsStore } from "@neat/periodic-task/stores/nats";
import { parseArgs } from "node:util";
import { terminated } from "./terminated.ts";

const { values } = parseArgs({
  options: {
    servers: { type: "string", default: "127.0.0.1:4222" },
    interval: { type: "string", default: "30" },
  },
});

// without an end of the attempts, an outage of any length is one like any other
const connection = await connect({ servers: values.servers, maxReconnectAttempts: -1 });
// a cluster can keep three replicas of it
const kv = await new Kvm(connection).create("tasks", { history: 1, allow_direct: false });
const store = new NatsStore({ kv });
// a bucket that others have created with direct reads is found out now
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
await connection.close();

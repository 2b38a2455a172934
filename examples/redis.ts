/**
 * How do replicas share a task through Redis?
 *
 * Start it in several terminals: one of them prints "Hello World" at a time. Stop that one, and another takes over. It needs Redis
 * or Valkey, such as one of `docker run -p 6379:6379 redis`.
 *
 *   deno run --allow-net --allow-env --allow-sys --allow-read examples/redis.ts [--interval SECONDS] [--url URL]
 */
import { NeatPeriodicTaskScheduler } from "@neat/periodic-task";
import { RedisStore } from "@neat/periodic-task/stores/redis";
import { Redis } from "ioredis";
import { parseArgs } from "node:util";
import { terminated } from "./terminated.ts";

const { values } = parseArgs({
  options: {
    url: { type: "string", default: "redis://127.0.0.1:6379" },
    interval: { type: "string", default: "30" },
  },
});

// after a failover, the client leaves a server that has become a replica
const client = new Redis(values.url, { reconnectOnError: (error) => error.message.startsWith("READONLY") ? 2 : false });
client.on("error", (error) => console.error("Redis:", error.message));

const store = new RedisStore({ client });
for (const { message } of await store.checkServer()) console.warn(message);

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
client.disconnect();

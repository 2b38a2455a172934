// deno run -A tests/stores/redis/process_program.ts IOREDIS PORT NAME
//
// One of several processes that count in one record, until SIGTERM. Prints a line for each increment that was
// confirmed, and "done" at the end. The module of ioredis is an argument, as the process has no configuration.

import { RedisStore } from "../../../stores/redis.ts";

const [ioredis = "", port = "", name = ""] = Deno.args;
const { Redis }: typeof import("ioredis") = await import(ioredis);

/** What the processes have counted, each by its name. */
type Counts = Record<string, number>;

const client = new Redis(Number(port), "127.0.0.1");
const store = new RedisStore({ client });
let isEnding = false;

Deno.addSignalListener("SIGTERM", () => isEnding = true);

while (!isEnding) {
  const entry = await store.read("count");
  const counts: Counts = entry ? JSON.parse(new TextDecoder().decode(entry.value)) : {};
  counts[name] = (counts[name] ?? 0) + 1;
  const value = new TextEncoder().encode(JSON.stringify(counts));
  const version = await store.write("count", value, entry?.version ?? null);
  if (version !== null) console.log(`counted ${counts[name]}`);
}
console.log("done");
Deno.exit();

// Processes that count in one record while some of them are killed.

import { RedisStore } from "@neat/periodic-task/stores/redis";
import { assert, assertEquals } from "@std/assert";
import { Redis } from "ioredis";
import config from "../../../deno.json" with { type: "json" };
import { ChildProcess } from "../../../internal/processes/child_process.ts";
import { findRedis, startRedis } from "../../../internal/servers/redis.ts";

const PROCESSES = 4;
const KILLS = 4;
/** How many increments a process makes before it is killed, or before the others end. */
const INCREMENTS = 100;
const LIMIT_MS = 20_000;
const POLL_MS = 10;

const isWanted = Deno.env.get("NEAT_TEST_STORES") === "1";
const isMissing = await findRedis() === undefined;
const skipped = !isWanted ? "NEAT_TEST_STORES is not 1" : isMissing ? "there is no redis-server" : undefined;

/** A process that counts, and how far it has got. */
interface Counter {
  readonly name: string;
  readonly process: ChildProcess;
  /** The increments that were confirmed. */
  confirmed: number;
  isDone: boolean;
}

function startCounter(port: number, name: string): Counter {
  const program = new URL("./process_program.ts", import.meta.url).href;
  const onLine = (line: string): void => {
    if (line === "done") counter.isDone = true;
    else counter.confirmed = Number(line.replace("counted ", ""));
  };
  const process = new ChildProcess({
    command: Deno.execPath(),
    args: ["run", "-A", "--quiet", "--no-config", "--no-check", program, config.imports.ioredis, `${port}`, name],
    onLine,
  });
  const counter: Counter = { name, process, confirmed: 0, isDone: false };
  return counter;
}

async function untilConfirmed(counters: readonly Counter[]): Promise<void> {
  const deadlineMs = performance.now() + LIMIT_MS;
  while (counters.some(({ confirmed }) => confirmed < INCREMENTS)) {
    const state = counters.map(({ name, confirmed, process }) => `${name}: ${confirmed} ${process.lastOutput}`);
    assert(performance.now() < deadlineMs, `the processes count too slowly: ${state}`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

Deno.test({
  name: `processes that count in one record lose no increment while some are killed${
    skipped ? ` (skipped: ${skipped})` : ""
  }`,
  ignore: skipped !== undefined,
  fn: async () => {
    const server = await startRedis();
    if ("reason" in server) throw new Error(server.reason);
    await using scope = new AsyncDisposableStack();
    scope.use(server);
    const start = (index: number): Counter => {
      const counter = startCounter(server.port, `process-${index}`);
      scope.use(counter.process);
      return counter;
    };
    let counters = Array.from({ length: PROCESSES }, (_, index) => start(index));
    const killed: Counter[] = [];
    for (let kills = 0; kills < KILLS; kills++) {
      const [next, ...others] = counters;
      assert(next);
      await untilConfirmed([next]);
      await next.process.end("SIGKILL");
      killed.push(next);
      counters = [...others, start(PROCESSES + kills)];
    }
    await untilConfirmed(counters);
    await Promise.all(counters.map(({ process }) => process.end("SIGTERM")));
    const client = new Redis(server.port, "127.0.0.1");
    const entry = await new RedisStore({ client }).read("count");
    client.disconnect();
    const counts: Record<string, number> = JSON.parse(new TextDecoder().decode(entry?.value));
    for (const { name, confirmed, isDone } of counters) assertEquals([counts[name], isDone], [confirmed, true]);
    // the answer to the last write may not have come before the kill
    for (const { name, confirmed } of killed) assert([0, 1].includes((counts[name] ?? 0) - confirmed), name);
  },
  // ioredis leaves a timer of its own when it is closed
  sanitizeOps: false,
  sanitizeResources: false,
});

// Replicas as real processes on a real server, some of which are killed.

import { assert, assertEquals, assertGreater } from "@std/assert";
import config from "../../../deno.json" with { type: "json" };
import { ProcessPool } from "../../../internal/processes/process_pool.ts";
import { serverTest } from "./server.ts";
import { sleep, until } from "./setup.ts";

const REPLICAS = 4;
const KILLS = 8;
const BETWEEN_KILLS_MS = 700;

interface Event {
  readonly event: "start" | "end";
  readonly term: number;
  readonly atMs: number;
}

/** The runs of all replicas, by their starts. A run of a killed replica has no end. */
function runsOf(events: readonly Event[]): { term: number; startMs: number; endMs: number | undefined }[] {
  return events.filter(({ event }) => event === "start").map(({ term, atMs }) => {
    const end = events.find((other) => other.event === "end" && other.term === term);
    return { term, startMs: atMs, endMs: end?.atMs };
  }).sort((a, b) => a.startMs - b.startMs);
}

serverTest(
  `${REPLICAS} replicas, of which ${KILLS} are killed, run each term once and never two at once`,
  async (_, server) => {
    const url = await server.createDatabase("processes");
    const events: Event[] = [];
    const program = import.meta.resolve("./process_program.ts");
    const args = ["run", "--quiet", "--no-check", "--no-config", "-A", program, config.imports.pg, url];
    await using pool = new ProcessPool();
    const start = (): number =>
      pool.start({ command: Deno.execPath(), args, onLine: (line) => events.push(JSON.parse(line)) });
    for (let count = 0; count < REPLICAS; count++) start();
    await until(() => events.length > 2, "the first run");
    for (let kills = 0; kills < KILLS; kills++) {
      await sleep(BETWEEN_KILLS_MS);
      const { pids } = pool;
      await pool.end(pids[Math.floor(Math.random() * pids.length)] ?? 0, "SIGKILL");
      start();
    }
    const before = events.length;
    await until(() => events.length > before + 4, "runs after the last kill");
    const exits = await Promise.all(pool.pids.map((pid) => pool.end(pid, "SIGTERM")));
    assertEquals(exits.map(({ code }) => code), exits.map(() => 0));
    assertEquals(pool.crashed, 0);
    const runs = runsOf(events);
    assertGreater(runs.length, KILLS);
    assertEquals(new Set(runs.map(({ term }) => term)).size, runs.length);
    for (const [index, run] of runs.entries()) {
      const previous = runs[index - 1];
      if (previous?.endMs !== undefined) {
        assert(
          previous.endMs <= run.startMs,
          `terms ${previous.term} and ${run.term} overlap`,
        );
      }
    }
  },
);

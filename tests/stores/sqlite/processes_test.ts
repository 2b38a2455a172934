// Several processes on one file. tests/processes/replicas_test.ts runs whole schedulers on one, some of which are killed.

import { SqliteStore } from "@neat/periodic-task/stores/sqlite";
import { assert, assertEquals, assertGreater } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import { inTempFolder } from "../../helpers/runtimes.ts";

const PROCESSES = 4;
const INCREMENTS = 100;
const LIMIT_MS = 60_000;
const LOCK_MS = 1_000;
const TICK_MS = 20;

/** The lines of a stream. */
async function* linesOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  let text = "";
  for await (const chunk of stream.pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>)) {
    const lines = (text + chunk).split("\n");
    text = lines.pop() ?? "";
    yield* lines;
  }
}

/** Starts process_program.ts, and returns what it prints after it was told to begin. */
async function runProgram(args: readonly string[], begin: () => Promise<void>, signal: AbortSignal): Promise<string> {
  const script = import.meta.resolve("./process_program.ts");
  const command = { args: ["run", "-A", "--quiet", "--no-config", script, ...args], signal };
  const process = new Deno.Command(Deno.execPath(), { ...command, stdin: "piped", stdout: "piped" }).spawn();
  const lines = linesOf(process.stdout);
  const first = await lines.next();
  await begin();
  const writer = process.stdin.getWriter();
  await writer.write(new Uint8Array([10]));
  await writer.close();
  const second = await lines.next();
  const { success } = await process.status;
  assert(success && first.value === "ready", `${first.value} ${second.value}`);
  return second.value ?? "";
}

async function withLimit(use: (signal: AbortSignal) => Promise<void>): Promise<void> {
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(), LIMIT_MS);
  try {
    await use(limit.signal);
  } finally {
    clearTimeout(timer);
    // ends processes that a failure has left
    limit.abort();
  }
}

for (const mode of ["WAL", "DELETE"]) {
  Deno.test(`four processes that count in one file lose no increment (journal_mode ${mode})`, () =>
    inTempFolder((folder) =>
      withLimit(async (signal) => {
        const path = `${folder}/tasks.sqlite3`;
        const database = new DatabaseSync(path);
        database.exec(`PRAGMA journal_mode = ${mode}`);
        const all = Promise.withResolvers<void>();
        let waiting = 0;
        const ready = (): Promise<void> => {
          if (++waiting === PROCESSES) all.resolve();
          return all.promise;
        };
        const tallies = await Promise.all(
          Array.from({ length: PROCESSES }, async () =>
            JSON.parse(await runProgram(["count", path, String(INCREMENTS)], ready, signal))),
        );
        const entry = await new SqliteStore({ database }).read("count");
        const sum = (field: string): number =>
          tallies.reduce((sum, tally) => sum + tally[field], 0);
        const total = Number(new TextDecoder().decode(entry?.value));
        assertEquals([sum("written"), sum("unknown"), total], [PROCESSES * INCREMENTS, 0, PROCESSES * INCREMENTS]);
        // otherwise the processes did not compete
        assertGreater(sum("conflicts"), 0);
        database.close();
      })
    ));
}

Deno.test("while another process has locked the file for a second, calls wait and timers go on", () =>
  inTempFolder((folder) =>
    withLimit(async (signal) => {
      const path = `${folder}/tasks.sqlite3`;
      const database = new DatabaseSync(path, { timeout: 5_000 });
      const store = new SqliteStore({ database });
      let answers: Promise<unknown[]> | undefined;
      let [isAnswered, ticks] = [false, 0];
      const timer = setInterval(() => isAnswered || ticks++, TICK_MS);
      await runProgram(["lock", path, String(LOCK_MS)], () => {
        answers = Promise.all([store.read("task"), store.write("other", new Uint8Array(1), null)]);
        answers.finally(() => isAnswered = true).catch(() => {});
        return Promise.resolve();
      }, signal);
      const [entry, version] = await answers ?? [];
      clearInterval(timer);
      assertEquals([entry, typeof version], [null, "string"]);
      // a driver that waits by itself would let none of them fire
      assertGreater(ticks, LOCK_MS / TICK_MS / 4);
      database.close();
    })
  ));

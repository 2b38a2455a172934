import { DenoKvStore } from "@neat/periodic-task/stores/deno-kv";
import { assert, assertEquals, assertGreater } from "@std/assert";

const PROCESSES = 4;
const INCREMENTS = 200;
const LIMIT_MS = 60_000;

interface Tally {
  readonly written: number;
  readonly conflicts: number;
  readonly unknown: number;
  readonly locked: number;
}

/** The lines of a stream. */
async function* linesOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  let text = "";
  for await (const chunk of stream.pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>)) {
    const lines = (text + chunk).split("\n");
    text = lines.pop() ?? "";
    yield* lines;
  }
}

/** Starts a process, and lets it count when all of them are ready. */
async function count(path: string, ready: () => Promise<void>, signal: AbortSignal): Promise<Tally> {
  const script = import.meta.resolve("./process_program.ts");
  const args = ["run", "-A", "--no-config", "--unstable-kv", script, path, String(INCREMENTS)];
  const process = new Deno.Command(Deno.execPath(), { args, stdin: "piped", stdout: "piped", signal }).spawn();
  const lines = linesOf(process.stdout);
  const first = await lines.next();
  await ready();
  const writer = process.stdin.getWriter();
  await writer.write(new Uint8Array([10]));
  await writer.close();
  const second = await lines.next();
  const { success } = await process.status;
  assert(success && first.value === "ready", `${first.value} ${second.value}`);
  return JSON.parse(second.value ?? "{}");
}

Deno.test("four processes that count in one file lose no increment", async () => {
  const folder = await Deno.makeTempDir({ prefix: "periodic_task_" });
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(), LIMIT_MS);
  try {
    const path = `${folder}/kv.sqlite3`;
    const all = Promise.withResolvers<void>();
    let waiting = 0;
    const ready = (): Promise<void> => {
      if (++waiting === PROCESSES) all.resolve();
      return all.promise;
    };
    const tallies = await Promise.all(
      Array.from({ length: PROCESSES }, () => count(path, ready, limit.signal)),
    );
    using kv = await Deno.openKv(path);
    const entry = await new DenoKvStore({ kv }).read("count");
    const total = Number(new TextDecoder().decode(entry?.value));
    const sum = (field: keyof Tally): number => tallies.reduce((sum, tally) => sum + tally[field], 0);
    assertEquals([sum("written"), sum("unknown"), total], [PROCESSES * INCREMENTS, 0, PROCESSES * INCREMENTS]);
    // otherwise the processes did not compete
    assertGreater(sum("locked"), 0);
    assertGreater(sum("conflicts"), 0);
  } finally {
    clearTimeout(timer);
    // ends processes that a failure has left
    limit.abort();
    await Deno.remove(folder, { recursive: true });
  }
});

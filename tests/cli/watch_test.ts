import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { at, MINUTE, ours, SECOND } from "../helpers/records.ts";
import { TestCommandLine } from "./setup.ts";

const ENTER = "\x1b[?1049h\x1b[?25l";
const LEAVE = "\x1b[?25h\x1b[?1049l";

const FINISHED = ours({ started: at(-MINUTE), finished: at(-MINUTE), due: at(MINUTE) });
const FAILED = ours({ state: "failed", started: at(0), due: at(MINUTE), failures: 1, error: "no space", term: 8 });

/** A terminal of a size, with a task. */
async function terminal(rows = 24, columns = 100): Promise<TestCommandLine> {
  const line = new TestCommandLine({ size: { columns, rows }, env: { NO_COLOR: "1" } });
  await line.store.put("backup", FINISHED);
  return line;
}

/** The lines of the last drawing. */
function screenOf({ stdout }: TestCommandLine): string[] {
  const drawing = stdout.text.slice(stdout.text.lastIndexOf("\x1b[H") + 3);
  const [lines = ""] = drawing.split("\x1b[J");
  return lines.split("\r\n").map((text) => text.replaceAll("\x1b[K", ""));
}

Deno.test("watch draws the tasks on a terminal again as they change", async () => {
  const line = await terminal();
  const done = line.run("watch");
  await line.virtual.settle();
  assert(line.stdout.text.startsWith(ENTER));
  assertStringIncludes(screenOf(line)[0] ?? "", "memory:  2026-01-31T12:00:00Z  1 task, no problems");
  assertStringIncludes(screenOf(line)[3] ?? "", "backup  finished   in 1m");
  await line.store.put("backup", FAILED);
  await line.virtual.advance(2 * SECOND);
  assertStringIncludes(screenOf(line)[0] ?? "", "1 task, 1 with problems");
  assertStringIncludes(screenOf(line)[3] ?? "", "backup  failing    in 58s");
  line.emit("key", "q");
  assertEquals(await done, 0);
});

for (const [name, end] of Object.entries({ "q": "q", "Ctrl-C": "\x03" })) {
  Deno.test(`watch ends with ${name}, shows the cursor, and leaves no timer and no listener`, async () => {
    const line = await terminal();
    const done = line.run("watch");
    await line.virtual.settle();
    line.emit("key", end);
    assertEquals(await done, 0);
    assert(line.stdout.text.endsWith(LEAVE));
    assertEquals([line.virtual.timers, line.listeners, line.store.closed], [0, 0, 1]);
  });
}

for (const [keys, ends] of [["qq", true], ["\x1b[Bq", true], ["\x1b", true], ["\x1b[A\x1bOB", false]] as const) {
  Deno.test(`watch ${ends ? "ends with" : "goes on after"} the keys ${JSON.stringify(keys)} at once`, async () => {
    const line = await terminal();
    const done = line.run("watch");
    await line.virtual.settle();
    line.emit("key", keys);
    await line.virtual.settle();
    assertEquals(line.stdout.text.endsWith(LEAVE), ends);
    line.emit("key", "q");
    assertEquals(await done, 0);
  });
}

Deno.test("watch ends with exit code 0 when nobody reads its output any more", async () => {
  const line = new TestCommandLine();
  const done = line.run("watch");
  await line.virtual.settle();
  line.emit("closed", undefined);
  assertEquals(await done, 0);
  assertEquals([line.virtual.timers, line.listeners, line.store.closed], [0, 0, 1]);
});

Deno.test("watch ends at a signal, also while the store does not answer", async () => {
  const line = await terminal();
  line.store.list = async function* () {
    await new Promise(() => {});
    yield "";
  };
  const done = line.run("watch");
  await line.virtual.settle();
  line.emit("signal", "SIGTERM");
  assertEquals(await done, 0);
  assert(line.stdout.text.endsWith(LEAVE));
});

Deno.test("watch fits a new size of the terminal at once", async () => {
  const line = await terminal();
  for (let count = 0; count < 30; count++) await line.store.put(`task-${count}`, FINISHED);
  const done = line.run("watch");
  await line.virtual.settle();
  assertEquals(screenOf(line).length, 24);
  assertEquals(screenOf(line).at(-1), "12 more tasks; q to quit");
  line.stdout.size = { columns: 50, rows: 10 };
  line.emit("resize", undefined);
  assertEquals(screenOf(line).length, 10);
  for (const text of screenOf(line)) assert(text.length < 50, text);
  line.emit("key", "q");
  await done;
});

Deno.test("watch keeps the last tasks while the store fails, and says so", async () => {
  const line = await terminal();
  const done = line.run("watch");
  await line.virtual.settle();
  line.store.failure = new Error("connection refused");
  await line.virtual.advance(2 * SECOND);
  assertStringIncludes(screenOf(line)[3] ?? "", "backup  finished");
  assertEquals(screenOf(line).at(-1), "the store fails: connection refused, trying again");
  line.store.failure = undefined;
  await line.virtual.advance(2 * SECOND);
  assertEquals(screenOf(line).at(-1), "q to quit");
  line.emit("key", "q");
  await done;
});

Deno.test("watch shows the cursor again if the first reading fails", async () => {
  const line = await terminal();
  line.store.failure = new Error("connection refused");
  assertEquals(await line.run("watch"), 3);
  assert(line.stdout.text.endsWith(LEAVE));
});

Deno.test("watch prints changes as lines without a terminal", async () => {
  const line = new TestCommandLine();
  await line.store.put("backup", FINISHED);
  const done = line.run("watch", "--interval", "10s");
  await line.virtual.advance(30 * SECOND);
  await line.store.put("backup", FAILED);
  line.store.failure = new Error("connection refused");
  await line.virtual.advance(20 * SECOND);
  line.store.failure = undefined;
  await line.virtual.advance(10 * SECOND);
  line.emit("signal", "SIGINT");
  assertEquals(await done, 0);
  assertEquals(line.stdout.lines, [
    `${at(0)}  backup  finished  the last run finished`,
    `${at(60 * SECOND)}  backup  failing  the last run failed: no space`,
  ]);
  assertEquals(line.stderr.lines, [
    `${at(40 * SECOND)}  the store fails: connection refused, trying again`,
    `${at(60 * SECOND)}  the store answers again`,
  ]);
});

Deno.test("watch --json prints JSON lines, also on a terminal", async () => {
  const line = await terminal();
  const done = line.run("watch", "--json");
  await line.virtual.settle();
  await line.store.put("report", FAILED);
  await line.virtual.advance(2 * SECOND);
  line.emit("signal", "SIGINT");
  await done;
  const [first, second] = line.stdout.lines.map((text) => JSON.parse(text));
  assertEquals([first.time, first.name, first.condition.reason], [at(0), "backup", "finished"]);
  assertEquals([second.name, second.status.error], ["report", "no space"]);
});

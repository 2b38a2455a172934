import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { at, MINUTE, ours, runningNow } from "../helpers/records.ts";
import { TestCommandLine } from "./setup.ts";

/** A task that ran 20 minutes ago, is due in 40, and has run before. */
const FINISHED = ours({
  state: "finished",
  started: at(-20 * MINUTE),
  finished: at(-19 * MINUTE),
  scheduled: at(-20 * MINUTE),
  due: at(40 * MINUTE),
  instance: "web-2",
  term: 7,
  recent: [
    { start: at(-80 * MINUTE), length: 900, outcome: "failed" },
    { start: at(-20 * MINUTE), length: 60_000, outcome: "finished" },
  ],
});

const FAILED = ours({
  state: "failed",
  started: at(-20 * MINUTE),
  scheduled: at(-20 * MINUTE),
  due: at(40 * MINUTE),
  failures: 2,
  error: "Error: exit code 3",
  term: 8,
  recent: [{ start: at(-20 * MINUTE), length: 1_000, outcome: "finished" }],
});

async function withTasks(line: TestCommandLine): Promise<TestCommandLine> {
  await line.store.put("backup", FINISHED);
  await line.store.put("report", FAILED);
  await line.store.put("zzz", "not a record");
  await line.store.put("neat-periodic-task-check", '{"format":"neat-periodic-task-check"}');
  return line;
}

Deno.test("list reads the records of all tasks by one call of the store, and each on its own if that fails", async () => {
  const line = await withTasks(new TestCommandLine());
  const calls: (readonly string[])[] = [];
  const { store } = line;
  const readMany = store.readMany.bind(store);
  store.readMany = (keys, options) => {
    calls.push(keys);
    return readMany(keys, options);
  };
  assertEquals(await line.run("list"), 0);
  assertEquals(calls, [["backup", "report", "zzz"]]);
  const shown = [...line.stdout.lines];
  store.readMany = () => Promise.reject(new Error("too many"));
  assertEquals(await line.run("list"), 0);
  assertEquals(line.stdout.lines.slice(shown.length), shown);
});

Deno.test("list shows tasks with problems first, and not the record of doctor", async () => {
  const line = await withTasks(new TestCommandLine());
  assertEquals(await line.run("list"), 0);
  assertEquals(line.stdout.lines.map((text) => text.split(/ {2,}/).slice(0, 3)), [
    ["TASK", "CONDITION", "NEXT"],
    ["zzz", "foreign", line.stdout.lines[1]?.split(/ {2,}/)[2] ?? ""],
    ["report", "failing", "in 40m"],
    ["backup", "finished", "in 40m"],
  ]);
  assertStringIncludes(line.stdout.lines[2] ?? "", "the last 2 runs failed: Error: exit code 3");
  assertStringIncludes(line.stdout.lines[3] ?? "", "20m ago, took 1m  web-2  the last run finished");
  assertEquals(line.store.closed, 1);
});

Deno.test("list --names prints names, --json prints one document", async () => {
  const names = await withTasks(new TestCommandLine());
  await names.run("list", "--names");
  assertEquals(names.stdout.lines, ["zzz", "report", "backup"]);
  const json = await withTasks(new TestCommandLine());
  await json.run("list", "--json");
  const tasks = JSON.parse(json.stdout.text);
  assertEquals(tasks[0].kind, "foreign");
  assertEquals([tasks[1].condition.severity, tasks[1].status.failures], ["warning", 2]);
  assertEquals([tasks[2].name, tasks[2].status.started], ["backup", at(-20 * MINUTE)]);
});

Deno.test("list --check ends with exit code 1 if a task has a problem", async () => {
  assertEquals(await (await withTasks(new TestCommandLine())).run("list", "--check"), 1);
  const well = new TestCommandLine();
  await well.store.put("backup", FINISHED);
  assertEquals(await well.run("list", "--check"), 0);
});

Deno.test("list says that a store has no tasks", async () => {
  const line = new TestCommandLine();
  assertEquals(await line.run("list"), 0);
  assertEquals(line.stdout.text, "The store has no tasks.\n");
});

Deno.test("list fits the terminal", async () => {
  const line = await withTasks(new TestCommandLine({ size: { columns: 60, rows: 24 }, env: { NO_COLOR: "1" } }));
  await line.run("list");
  for (const text of line.stdout.lines) assert(text.length <= 60, text);
});

Deno.test("show prints the condition, the record and the last runs", async () => {
  const line = await withTasks(new TestCommandLine());
  assertEquals(await line.run("show", "backup"), 0);
  assertEquals(line.stdout.lines, [
    "backup",
    "  condition   finished: the last run finished",
    "  state       finished",
    `  next due    ${at(40 * MINUTE)} (in 40m)`,
    `  last start  ${at(-20 * MINUTE)} (20m ago) on web-2`,
    `  was due     ${at(-20 * MINUTE)} (20m ago)`,
    `  last end    ${at(-19 * MINUTE)} (19m ago)`,
    "  term        7",
    "",
    "  RUNS, THE NEWEST FIRST",
    `  ${at(-20 * MINUTE)}  finished   1m`,
    `  ${at(-80 * MINUTE)}  failed     900ms`,
  ]);
});

Deno.test("a command on an unknown task ends with exit code 4 and suggests the nearest name", async () => {
  for (const command of ["show", "request", "pause", "resume", "reset"]) {
    const line = await withTasks(new TestCommandLine());
    assertEquals(await line.run(command, "bakcup"), 4);
    assertStringIncludes(line.stderr.text, 'did you mean "backup"?');
    assertEquals(line.store.closed, 1);
  }
});

Deno.test("request, pause and resume change the record, and say by whom", async () => {
  const line = await withTasks(new TestCommandLine());
  assertEquals(await line.run("pause", "backup", "--reason", "migration"), 0);
  assertEquals(await line.run("pause", "backup"), 0);
  assertEquals(await line.run("request", "backup", "--by", "Ben"), 0);
  await line.run("show", "backup");
  assertEquals(await line.run("resume", "backup"), 0);
  const [paused, again, requested, ...shown] = line.stdout.lines;
  assertEquals(paused, "backup: is paused; a run in progress goes on; replicas see it within about a second");
  assertEquals(again, "backup: was already paused");
  assertEquals(requested, "backup: a run is requested; a replica starts it within about a second");
  assert(shown.includes(`  paused      ${at(0)} (now) by ada@web-1: migration`));
  assert(shown.includes(`  requested   ${at(0)} (now) by Ben`));
  assertEquals(shown.at(-1), "backup: is resumed; replicas see it within about a second");
});

Deno.test("pause --create pauses a task that has never run, and --json prints the outcome and the status", async () => {
  const line = new TestCommandLine();
  assertEquals(await line.run("pause", "new", "--create", "--json"), 0);
  const { name, outcome, status } = JSON.parse(line.stdout.text);
  assertEquals([name, outcome, status.pausedBy], ["new", "paused", "ada@web-1"]);
});

Deno.test("reset of a task that is running ends with exit code 5", async () => {
  const line = new TestCommandLine();
  await line.store.put("backup", runningNow({ lease: 10 * MINUTE }));
  assertEquals(await line.run("reset", "backup"), 5);
  await line.virtual.advance(11 * MINUTE);
  assertEquals(await line.run("reset", "backup"), 0);
  assertEquals(line.stdout.text, "backup: is reset; its history is removed\n");
});

Deno.test("a wrong text for the record ends with exit code 2", async () => {
  const line = await withTasks(new TestCommandLine());
  assertEquals(await line.run("pause", "backup", "--by", "x".repeat(101)), 2);
});

Deno.test("a store that fails ends each command with exit code 3, without the password", async () => {
  for (const args of [["list"], ["show", "a"], ["pause", "a"], ["doctor"], ["watch"]]) {
    const line = new TestCommandLine({ env: { NEAT_STORE: "postgres://ada:sesame@db/tasks" } });
    line.store.failure = new Error('password "sesame" was refused', {
      cause: new Error("at postgres://ada:sesame@db/tasks"),
    });
    // changes are repeated while the store fails
    const done = line.run(...args);
    for (let minute = 0; minute < 30; minute++) await line.virtual.advance(MINUTE);
    assertEquals(await done, 3, args.join(" "));
    const text = line.stdout.text + line.stderr.text;
    assert(!text.includes("sesame"), text);
    assertStringIncludes(text, 'password "***" was refused');
    assertEquals([line.store.closed, line.listeners], [1, 0]);
  }
});

Deno.test("a store that cannot be opened ends with exit code 3, a wrong URL with 2", async () => {
  const failing = new TestCommandLine({ openStore: () => Promise.reject(new Error("no driver is installed")) });
  assertEquals(await failing.run("list"), 3);
  const wrong = new TestCommandLine({ openStore: () => Promise.reject(new RangeError("unknown scheme")) });
  assertEquals(await wrong.run("list"), 2);
});

Deno.test("texts of records cannot control the terminal", async () => {
  const evil = "\x1b]0;pwned\x07\x1b[2Jevil\u202e\n";
  const record = ours({
    state: "failed",
    failures: 1,
    error: evil,
    instance: evil,
    paused: at(0),
    pausedBy: evil,
    pauseReason: evil,
    requested: at(0),
    requestedBy: evil,
    recent: [{ start: at(0), length: 1, outcome: "evil" }],
  });
  for (
    const args of [["list"], ["show", "evil\u009b2J"], ["list", "--names"], ["list", "--json"], [
      "show",
      "evil\u009b2J",
      "--json",
    ]]
  ) {
    const line = new TestCommandLine({ size: { columns: 200, rows: 24 }, env: { NO_COLOR: "1" } });
    await line.store.put("evil\u009b2J", record);
    await line.run(...args);
    // deno-lint-ignore no-control-regex
    assert(!/[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]/.test(line.stdout.text + line.stderr.text), args.join(" "));
  }
});

Deno.test("request, pause and resume say the longest wait if the store gives no hints", async () => {
  const line = await withTasks(new TestCommandLine());
  (line.store as { watch?: unknown }).watch = undefined;
  await line.run("request", "backup");
  assertEquals(line.stdout.lines, [
    'backup: a run is requested; a replica starts it at the next check: within 1m with "run", within maxCycle (3h by default) in a server',
  ]);
});

Deno.test("a command on an unknown task ends with exit code 4, also where listing is denied", async () => {
  for (const command of ["show", "request", "pause", "resume", "reset"]) {
    const line = await withTasks(new TestCommandLine());
    // deno-lint-ignore require-yield
    line.store.list = async function* () {
      await Promise.reject(new Error("permission denied"));
    };
    assertEquals(await line.run(command, "bakcup"), 4);
    assertStringIncludes(line.stderr.text, "the store has no record of it");
  }
});

Deno.test("a store that does not close in time changes no outcome", async () => {
  const line = await withTasks(new TestCommandLine());
  line.store.close = () => new Promise(() => {});
  const done = line.run("list");
  await line.virtual.advance(10_000);
  assertEquals(await done, 0);
  line.store.close = () => Promise.reject(new Error("connection reset"));
  assertEquals(await line.run("list"), 0);
});

Deno.test("a mistake of this program is no usage error, but a name that is refused is", async () => {
  const line = await withTasks(new TestCommandLine());
  line.store.close = () => Promise.resolve();
  line.io.clock.nowMs = () => {
    throw new TypeError("Cannot read properties of undefined");
  };
  assertEquals(await line.run("list"), 1);
  assertEquals(await new TestCommandLine().run("pause", ""), 2);
});

Deno.test("list --check with names looks at these tasks only, and ends with exit code 4 if one is missing", async () => {
  const line = await withTasks(new TestCommandLine());
  assertEquals(await line.run("list", "--check", "backup"), 0);
  assertEquals(await line.run("list", "--check", "backup", "report"), 1);
  const missing = await withTasks(new TestCommandLine());
  assertEquals(await missing.run("list", "--check", "backup", "reports"), 4);
  assertEquals(await new TestCommandLine().run("list", "--check", "backup"), 4);
});

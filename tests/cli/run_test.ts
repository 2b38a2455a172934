import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { readTask } from "../../src/control.ts";
import type { TaskStatus } from "../../mod.ts";
import { at, HOUR, MINUTE, SECOND } from "../helpers/records.ts";
import { TestCommandLine } from "./setup.ts";

const ARGS = ["run", "--name", "backup", "--every", "1h", "--timeout", "10m", "--", "backup.sh", "--all", "$HOME"];

/** Starts `run` with further options, and waits for its program. */
async function started(...options: string[]): Promise<{ line: TestCommandLine; done: Promise<number> }> {
  const line = new TestCommandLine();
  const done = line.run("run", ...options, ...ARGS.slice(1));
  await line.virtual.advance(SECOND);
  return { line, done };
}

async function statusOf({ store, io }: TestCommandLine): Promise<TaskStatus> {
  const status = await readTask(store, "backup", { clock: io.clock });
  assert(status);
  return status;
}

/** Ends with a signal and gives the time to do so. */
async function ended(line: TestCommandLine, done: Promise<number>): Promise<number> {
  line.emit("signal", "SIGTERM");
  await line.virtual.advance(MINUTE);
  const code = await done;
  assertEquals([line.store.closed, line.listeners, line.virtual.timers], [1, 0, 0]);
  return code;
}

Deno.test("run starts the program with its arguments as they are, and with the run in its environment", async () => {
  const { line, done } = await started();
  const { program, args, env, graceMs } = line.child.command;
  assertEquals([program, args, graceMs], ["backup.sh", ["--all", "$HOME"], 10 * SECOND]);
  const { NEAT_RUN_OWNER: owner = "", NEAT_RUN_STARTED: start = "", NEAT_RUN_SCHEDULED: due = "", ...rest } = env;
  assertEquals(owner.length, 22);
  assertEquals([start.slice(0, 19), due.slice(0, 19)], [at(0).slice(0, 19), at(0).slice(0, 19)]);
  const deadline = new Date(Date.parse(start) + 10 * MINUTE).toISOString();
  assertEquals(rest, { NEAT_RUN_NAME: "backup", NEAT_RUN_TERM: "1", NEAT_RUN_DEADLINE: deadline });
  line.child.exit(0);
  await line.virtual.settle();
  assertEquals(await ended(line, done), 0);
});

Deno.test("run records exit code 0 as finished and runs again when due, and logs on standard error", async () => {
  const { line, done } = await started();
  line.child.exit(0);
  await line.virtual.advance(HOUR);
  assertEquals(line.children.length, 2);
  line.child.exit(0);
  await line.virtual.settle();
  assertEquals((await statusOf(line)).recent.map(({ outcome }) => outcome), ["finished", "finished"]);
  assertEquals(await ended(line, done), 0);
  assertEquals(line.stdout.text, "");
  assertEquals(line.stderr.lines.slice(0, 2), [
    '### [START] neat-periodic-task: "backup"',
    '### [FINISHED] neat-periodic-task: "backup"',
  ]);
});

Deno.test("run records another exit code, a signal and a missing program as failed", async () => {
  const ends: Record<string, (line: TestCommandLine) => void> = {
    "Error: exit code 3": ({ child }) => child.exit(3),
    "Error: killed by SIGKILL": ({ child }) => child.kill("SIGKILL"),
    "Error: backup.sh could not be started: ENOENT": ({ child }) => child.fail(new Error("ENOENT")),
  };
  for (const [error, end] of Object.entries(ends)) {
    const { line, done } = await started();
    end(line);
    await line.virtual.settle();
    const status = await statusOf(line);
    assertEquals([status.state, status.error, status.instance], ["failed", error, "web-1"]);
    assertEquals(await ended(line, done), 0);
  }
});

Deno.test("run sends SIGTERM at the timeout and SIGKILL after the grace, and the run lasts until the program ends", async () => {
  const { line, done } = await started("--grace", "30s", "--retry-delay", "30m");
  const { child } = line;
  child.obeys = ["SIGKILL"];
  await line.virtual.advance(10 * MINUTE);
  assertEquals(child.signals, ["SIGTERM"]);
  assertEquals((await statusOf(line)).state, "running");
  await line.virtual.advance(28 * SECOND);
  assertEquals(child.signals, ["SIGTERM"]);
  await line.virtual.advance(2 * SECOND);
  assertEquals(child.signals, ["SIGTERM", "SIGKILL"]);
  const { state, error, recent } = await statusOf(line);
  assertEquals([state, error], ["failed", "Error: timed out after 10m: killed by SIGKILL"]);
  assertEquals(Math.round((recent[0]?.length ?? 0) / SECOND), 630);
  assertEquals(await ended(line, done), 0);
});

Deno.test("run hands the signal on and waits: a program that exits with 0 has finished its run", async () => {
  const { line, done } = await started();
  line.child.obeys = [];
  line.emit("signal", "SIGINT");
  await line.virtual.advance(MINUTE);
  assertEquals(line.child.signals, ["SIGINT"]);
  line.child.exit(0);
  await line.virtual.advance(SECOND);
  assertEquals(await done, 0);
  assertEquals((await statusOf(line)).state, "finished");
});

Deno.test("run leaves the run to another replica if the program ends by the signal", async () => {
  const { line, done } = await started();
  assertEquals(await ended(line, done), 0);
  assertEquals(line.child.signals, ["SIGTERM"]);
  const { state, failures, owner } = await statusOf(line);
  assertEquals([state, failures, owner], ["idle", 0, undefined]);
});

Deno.test("run kills the program at a second Ctrl-C, with exit code 1, but not at one that comes with the first", async () => {
  const { line, done } = await started();
  line.child.obeys = ["SIGKILL"];
  line.emit("signal", "SIGINT");
  await line.virtual.advance(100);
  line.emit("signal", "SIGINT");
  await line.virtual.advance(SECOND);
  assertEquals(line.child.signals, ["SIGINT", "SIGINT"]);
  line.emit("signal", "SIGINT");
  await line.virtual.advance(SECOND);
  assertEquals(line.child.signals, ["SIGINT", "SIGINT", "SIGKILL"]);
  assertEquals(await done, 1);
});

Deno.test("run hands every SIGTERM and SIGHUP on, and kills the program at none", async () => {
  const { line, done } = await started();
  line.child.obeys = [];
  for (const signal of ["SIGTERM", "SIGTERM", "SIGHUP"] as const) {
    line.emit("signal", signal);
    await line.virtual.advance(5 * SECOND);
  }
  assertEquals(line.child.signals, ["SIGTERM", "SIGTERM", "SIGHUP"]);
  line.child.exit(0);
  await line.virtual.advance(SECOND);
  assertEquals(await done, 0);
});

Deno.test("run waits twice the timeout after the start of a first failure, and longer after each further one", async () => {
  const { line, done } = await started("--retry-delay", "30m");
  await ended(line, done);
  const growing = new TestCommandLine();
  const end = growing.run("run", "--name", "backup", "--every", "1d", "--timeout", "10m", "--", "backup.sh");
  const starts: number[] = [];
  for (let minutes = 0; minutes <= 160; minutes++) {
    await growing.virtual.advance(minutes === 0 ? SECOND : MINUTE);
    if (growing.children.length === starts.length) continue;
    starts.push(minutes);
    growing.child.exit(3);
  }
  assertEquals(starts.length, 4, String(starts));
  for (const [index, gap] of [20, 40, 80].entries()) {
    const length = (starts[index + 1] ?? NaN) - (starts[index] ?? NaN);
    assert(length >= gap && length <= gap + 2, String(starts));
  }
  await ended(growing, end);
});

Deno.test("run --retry-delay none waits for the next due time after a failure", async () => {
  const { line, done } = await started("--retry-delay", "none");
  line.child.exit(3);
  await line.virtual.advance(58 * MINUTE);
  assertEquals(line.children.length, 1);
  await line.virtual.advance(5 * MINUTE);
  assertEquals(line.children.length, 2);
  line.child.exit(0);
  await line.virtual.settle();
  await ended(line, done);
});

Deno.test("run --start-deadline gives a run up that starts too late", async () => {
  const { line, done } = await started();
  line.child.exit(0);
  await line.virtual.settle();
  await ended(line, done);
  await line.virtual.advance(90 * MINUTE);
  const late = line.run("run", "--start-deadline", "5m", ...ARGS.slice(1));
  await line.virtual.advance(SECOND);
  assertEquals(line.children.length, 1);
  assertStringIncludes(line.stderr.text, "could not start within startDeadline");
  line.emit("signal", "SIGTERM");
  await line.virtual.advance(MINUTE);
  await late;
});

Deno.test("run sees a request within --check-every on a store without hints, and does not log each check", async () => {
  const line = new TestCommandLine();
  (line.store as { watch?: unknown }).watch = undefined;
  const done = line.run("run", "--name", "backup", "--every", "1d", "--timeout", "10m", "--", "backup.sh");
  await line.virtual.advance(SECOND);
  line.child.exit(0);
  await line.virtual.advance(3 * HOUR);
  assertEquals(line.children.length, 1);
  assert(line.stderr.lines.length < 8, line.stderr.text);
  await line.run("request", "backup");
  await line.virtual.advance(MINUTE + SECOND);
  assertEquals(line.children.length, 2);
  line.child.exit(0);
  await line.virtual.settle();
  line.emit("signal", "SIGTERM");
  await line.virtual.advance(MINUTE);
  await done;
});

Deno.test("run warns of the user's own values, not of those that it derives", async () => {
  const { line, done } = await started("--timeout", "59m55s");
  assertEquals(line.stderr.lines.filter((text) => text.includes("longer than")), []);
  await ended(line, done);
  const long = new TestCommandLine();
  const end = long.run("run", "--name", "backup", "--every", "5m", "--timeout", "10m", "--", "backup.sh");
  await long.virtual.advance(SECOND);
  assertEquals(long.stderr.lines[0], "--timeout of 10m is longer than --every of 5m: due runs may be skipped");
  await ended(long, end);
});

Deno.test("run --once with a cron expression runs in the minute of its due time, also as the first run of all", async () => {
  const args = ["run", "--once", "--name", "backup", "--cron", "0 12 * * *", "--timeout", "10m", "--", "backup.sh"];
  const line = new TestCommandLine();
  await line.virtual.advance(20 * SECOND);
  const done = line.run(...args);
  // loads croner
  while ((await line.store.read("backup")) === null) await new Promise((resolve) => setTimeout(resolve, 1));
  await line.virtual.advance(SECOND);
  line.child.exit(0);
  await line.virtual.advance(SECOND);
  assertEquals(await done, 0);
  assertEquals((await statusOf(line)).due?.toISOString(), at(24 * HOUR));
  const again = line.run(...args);
  await new Promise((resolve) => setTimeout(resolve, 20));
  await line.virtual.advance(SECOND);
  assertEquals(await again, 0);
  assertEquals(line.children.length, 1);
  assertStringIncludes(line.stderr.text, "no run is due: the next one is in 23h59m");
});

Deno.test("run --once says the error of a store that fails, and with --json as JSON", async () => {
  const line = new TestCommandLine();
  line.store.failure = new Error("connection refused");
  const done = line.run("run", "--once", "--json", ...ARGS.slice(1));
  await line.virtual.advance(MINUTE);
  assertEquals(await done, 3);
  const last = line.stderr.lines.map((text) => JSON.parse(text)).at(-1);
  assertEquals([last.level, last.message], ["error", "the store fails: connection refused"]);
});

Deno.test("run --once does not promise a next check", async () => {
  const line = new TestCommandLine();
  await line.run("pause", "backup", "--create");
  const done = line.run("run", "--once", ...ARGS.slice(1));
  await line.virtual.advance(SECOND);
  assertEquals(await done, 0);
  assertEquals(line.stderr.lines.at(-1), "The task is paused");
});

Deno.test("run has heartbeats if the timeout is long, so that a killed host is replaced within the lease", async () => {
  const { line, done } = await started();
  await line.virtual.advance(5 * MINUTE);
  const { heartbeat, leaseEnd } = await statusOf(line);
  assert(heartbeat && leaseEnd);
  assertEquals(leaseEnd.getTime() - heartbeat.getTime(), MINUTE);
  assert(line.virtual.nowMs - heartbeat.getTime() <= 20 * SECOND);
  await ended(line, done);
});

Deno.test("run kills the program before its lease is over if the lease cannot be renewed", async () => {
  const { line, done } = await started();
  line.child.obeys = ["SIGKILL"];
  await line.virtual.advance(MINUTE);
  const leaseEndMs = (await statusOf(line)).leaseEnd?.getTime() ?? NaN;
  line.store.failure = new Error("connection refused");
  const untilMs = (ms: number): Promise<void> => line.virtual.advance(ms - line.virtual.nowMs);
  await untilMs(leaseEndMs - 10 * SECOND - 100);
  assertEquals(line.child.signals, []);
  await untilMs(leaseEndMs - 9 * SECOND);
  assertEquals(line.child.signals, ["SIGTERM"]);
  await untilMs(leaseEndMs);
  assertEquals(line.child.signals, ["SIGTERM", "SIGKILL"]);
  line.store.failure = undefined;
  await line.virtual.advance(SECOND);
  await ended(line, done);
});

Deno.test("run pushes the limits of the watchdog forward with each renewal of the lease, up to the timeout", async () => {
  const { line, done } = await started();
  const { child } = line;
  assertEquals(child.limits[0], { termMs: 50 * SECOND, killMs: MINUTE });
  await line.virtual.advance(5 * MINUTE);
  // a heartbeat each 20 seconds
  assert(child.limits.length >= 15, String(child.limits.length));
  const { termMs, killMs } = child.limits.at(-1) ?? { termMs: NaN, killMs: NaN };
  assert(termMs > 49 * SECOND && termMs <= 50 * SECOND && killMs === termMs + 10 * SECOND, `${termMs}, ${killMs}`);
  await line.virtual.advance(4 * MINUTE + 45 * SECOND);
  const last = child.limits.at(-1)?.termMs ?? NaN;
  assert(last > 10 * SECOND && last < 40 * SECOND, String(last));
  await ended(line, done);
});

Deno.test("run gives the watchdog the rest of the grace when it ends the program itself", async () => {
  const { line, done } = await started("--retry-delay", "30m");
  line.child.obeys = ["SIGKILL"];
  await line.virtual.advance(10 * MINUTE);
  assertEquals(line.child.limits.at(-1), { termMs: 10 * SECOND, killMs: 10 * SECOND });
  await line.virtual.advance(10 * SECOND);
  await ended(line, done);
});

Deno.test("run starts no program after a signal, also if its run was already claimed", async () => {
  for (const signalAtWrite of [1, 2]) {
    const line = new TestCommandLine();
    const write = line.store.write.bind(line.store);
    let writes = 0;
    line.store.write = async (...args) => {
      if (++writes === signalAtWrite) line.emit("signal", "SIGTERM");
      return await write(...args);
    };
    const done = line.run(...ARGS);
    await line.virtual.advance(MINUTE);
    assertEquals(await done, 0);
    assertEquals(line.children, []);
    assertEquals((await statusOf(line)).state, "idle");
  }
});

Deno.test("run takes a cron expression and a time zone", async () => {
  const line = new TestCommandLine();
  const done = line.run(
    ...["run", "--name", "backup", "--cron", "0 14 * * *", "--time-zone", "Europe/Berlin", "--timeout", "10m"],
    ...["--", "true"],
  );
  // loads croner
  while ((await line.store.read("backup")) === null) await new Promise((resolve) => setTimeout(resolve, 1));
  await line.virtual.advance(SECOND);
  assertEquals(line.children.length, 0);
  await line.virtual.advance(HOUR);
  assertEquals(line.child.command.env["NEAT_RUN_SCHEDULED"], at(HOUR));
  line.child.exit(0);
  await line.virtual.settle();
  assertEquals(await ended(line, done), 0);
});

const USAGE: Readonly<Record<string, string>> = {
  "--every 1h --timeout 1m": "run needs --name NAME",
  "--name a --timeout 1m": "run needs either --every DURATION or --cron EXPRESSION",
  "--name a --every 1h --cron x --timeout 1m": "run needs either --every DURATION or --cron EXPRESSION",
  "--name a --every 1h": "run needs --timeout DURATION",
  "--name a --every hourly --timeout 1m":
    '--every must be a duration such as 90s, 10m, 1h30m or 1d: current value is "hourly"',
  "--name a --every 1h --timeout 1m --time-zone UTC": "--time-zone belongs to --cron",
  "--name a --every 1h --timeout 1h --lease 15s": "--lease must be at least twice --grace",
};

for (const [options, message] of Object.entries(USAGE)) {
  Deno.test(`run ${options} ends with exit code 2`, async () => {
    const line = new TestCommandLine();
    assertEquals(await line.run("run", ...options.split(" "), "--", "true"), 2);
    assertEquals(line.stderr.lines[0], `error: ${message}`);
  });
}

Deno.test("run --json logs JSON lines", async () => {
  const { line, done } = await started("--json");
  line.child.exit(3);
  await line.virtual.settle();
  await ended(line, done);
  const [start, failed] = line.stderr.lines.map((text) => JSON.parse(text));
  assertEquals([start.level, start.message], ["info", '### [START] neat-periodic-task: "backup"']);
  assertEquals([failed.level, failed.error], ["error", "exit code 3"]);
});

Deno.test("run --once ends with the outcome of its run", async () => {
  for (const [exit, code] of [[0, 0], [3, 1]] as const) {
    const { line, done } = await started("--once");
    line.child.exit(exit);
    await line.virtual.advance(SECOND);
    assertEquals(await done, code);
    assertEquals([line.store.closed, line.virtual.timers], [1, 0]);
  }
});

Deno.test("run --once ends with 0 and says why if no run is due", async () => {
  const { line, done } = await started("--once");
  line.child.exit(0);
  await line.virtual.advance(SECOND);
  await done;
  const again = line.run("run", "--once", ...ARGS.slice(1));
  await line.virtual.advance(SECOND);
  assertEquals(await again, 0);
  assertEquals(line.children.length, 1);
  assertStringIncludes(line.stderr.text, "no run is due: the next one is in 59m");
});

Deno.test("run --once waits for a run that is due within a minute", async () => {
  const { line, done } = await started("--once");
  line.child.exit(0);
  await line.virtual.advance(HOUR - 40 * SECOND);
  await done;
  const again = line.run("run", "--once", ...ARGS.slice(1));
  await line.virtual.advance(MINUTE);
  assertEquals(line.children.length, 2);
  line.child.exit(0);
  await line.virtual.advance(SECOND);
  assertEquals(await again, 0);
});

Deno.test("run --once ends with 3 if the store fails, and with 0 if another replica is running the task", async () => {
  const failing = new TestCommandLine();
  failing.store.failure = new Error("connection refused");
  const done = failing.run("run", "--once", ...ARGS.slice(1));
  await failing.virtual.advance(MINUTE);
  assertEquals(await done, 3);
  const { line, done: first } = await started();
  const second = line.run("run", "--once", ...ARGS.slice(1));
  await line.virtual.advance(SECOND);
  assertEquals(await second, 0);
  assertStringIncludes(line.stderr.text, "another replica is running the task");
  line.emit("signal", "SIGTERM");
  await line.virtual.advance(MINUTE);
  await first;
});

Deno.test("run --once ends with 1 at a signal during its run", async () => {
  const { line, done } = await started("--once");
  assertEquals(await ended(line, done), 1);
});

// Every example is run with the command that its comment shows, but for those that need a server: `deno task ok` checks their types.

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { findEtcd, startEtcd } from "../../internal/servers/etcd.ts";
import { findRedis, startRedis } from "../../internal/servers/redis.ts";
import { FAKE_KEYS, FakeS3 } from "../../internal/servers/fake_s3.ts";
import { FaultServer } from "../../internal/servers/fault_server.ts";
import { documentedArgs, type Ended, EXAMPLES, runExample, RunningExample } from "./example.ts";

const isWindows = Deno.build.os === "windows";

/** The examples that no test here runs, and why. */
const NOT_RUN_HERE: Readonly<Record<string, string>> = {
  "consul.ts": "needs a server; tests/stores/consul/example_test.ts runs it",
  "datastore.ts": "needs a database",
  "firestore.ts": "needs a database",
  "gcs.ts": "needs a bucket",
  "postgres.ts": "needs a server; tests/stores/postgres runs it",
  "mysql.ts": "needs a server; tests/stores/mysql/example_test.ts runs it",
  "nats.ts": "needs a server; tests/stores/nats/example_test.ts runs it",
  "logger_std_log.ts": "tests/loggers runs it",
  "replicas.ts": "takes half a minute; .ci/run runs it as `deno task demo`",
  "terminated.ts": "is imported by the others",
};

const tested = new Set<string>();

function test(name: string, criterion: string, fn: () => Promise<void>, ignore = false): void {
  tested.add(name);
  Deno.test({ name: `examples/${name} ${criterion}`, fn, ignore });
}

/** The lines of a run that finished, with what the task prints in between. */
function runLines(name: string, ...printed: string[]): string[] {
  return [`### [START] neat-periodic-task: "${name}"`, ...printed, `### [FINISHED] neat-periodic-task: "${name}"`];
}

/** The lines on stdout of an example that ended by itself, or at a signal, in good order. */
function linesOf({ code, stdout, stderr }: Ended): string[] {
  assertEquals({ code, stderr: withoutStopWarning(stderr) }, { code: 0, stderr: "" });
  return stdout.trimEnd().split("\n");
}

/** A `stop()` during a run logs a warning, as the task itself may have called it. */
function withoutStopWarning(stderr: string): string {
  return stderr.replace(/^.*run\.stopAfter\(\) instead\)\n/gm, "");
}

test("hello_world.ts", "logs its runs and ALIVE, and ends at SIGTERM", async () => {
  await using example = await RunningExample.start("hello_world.ts", ["--interval", "2"]);
  await example.printed(/ALIVE/);
  example.signal("SIGTERM");
  const [start, hello, finished, alive] = linesOf(await example.ended());
  assertEquals([start, hello, finished], runLines("hello-world", "Hello World"));
  assertEquals(alive, '### [ALIVE] neat-periodic-task: "hello-world"');
}, isWindows);

test("s3.ts", "checks its store, runs the task, and keeps the record in the bucket", async () => {
  const service = new FakeS3();
  await using server = new FaultServer(service);
  const env = {
    AWS_ACCESS_KEY_ID: FAKE_KEYS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: FAKE_KEYS.secretAccessKey,
    AWS_SESSION_TOKEN: "",
    AWS_REGION: "us-east-1",
  };
  const args = ["--bucket", "bucket", "--endpoint", server.url, "--interval", "60"];
  await using example = await RunningExample.start("s3.ts", args, env);
  await example.printed(/FINISHED/);
  example.signal("SIGTERM");
  const lines = linesOf(await example.ended()).filter((line) => !line.includes("[ALIVE]"));
  assertEquals(lines, runLines("hello-world", "Hello World 1"));
  assertEquals([...service.buckets.get("bucket")!.keys()], [
    "neat-periodic-task/neat-periodic-task-check",
    "neat-periodic-task/hello-world",
  ]);
}, isWindows);

test("open_store.ts", "keeps the record in the store that its URL names", async () => {
  const folder = await Deno.makeTempDir({ prefix: "periodic_task_" });
  try {
    const args = ["--store", `sqlite:${folder}/tasks.db`, "--interval", "60"];
    await using example = await RunningExample.start("open_store.ts", args);
    await example.printed(/FINISHED/);
    example.signal("SIGTERM");
    const lines = linesOf(await example.ended()).filter((line) => !line.includes("[ALIVE]"));
    assertEquals(lines, runLines("hello-world", "Hello World 1"));
    assertEquals((await Deno.stat(`${folder}/tasks.db`)).isFile, true);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}, isWindows);

test("cron.ts", "prints the next due times, and runs the task at them", async () => {
  await using example = await RunningExample.start("cron.ts", ["--expression", "*/2 * * * * *", "--zone", "UTC"]);
  await example.printed(/FINISHED/);
  example.signal("SIGTERM");
  const all = linesOf(await example.ended());
  const [first = "", second = "", third = "", ...lines] = all.filter((line) => !line.includes("[ALIVE]"));
  for (const due of [first, second, third]) assertMatch(due, /^\d+ [A-Z][a-z]+ \d{4}, \d\d:\d\d:\d[02468] UTC$/);
  assertMatch(lines[1] ?? "", /^Backing up as of \d{4}-\d\d-\d\dT\d\d:\d\d:\d[02468]\.000Z$/);
  assertEquals(lines.slice(0, 3), runLines("backup", lines[1] ?? ""));
}, isWindows);

test("dashboard.ts", "shows what fails to those who have signed in, and stops with a viewer", async () => {
  await using example = await RunningExample.start("dashboard.ts", ["--port", "0"], { DASHBOARD_PASSWORD: "secret" });
  const [, url = ""] = await example.printed(/Dashboard on (\S+)/);
  await example.printed(/FINISHED/);
  const unknown = await fetch(url);
  await unknown.body?.cancel();
  assertEquals(unknown.status, 401);
  const headers = { authorization: `Basic ${btoa("ada:secret")}` };
  assertStringIncludes(await (await fetch(url, { headers })).text(), "the mail server refuses the password");
  const events = await fetch(`${url}events`, { headers });
  example.signal("SIGTERM");
  assertMatch(await events.text(), /^retry: /);
  assertEquals((await example.ended()).code, 0);
}, isWindows);

test("graceful_shutdown.ts", "waits for a run that finishes in time", async () => {
  await using example = await RunningExample.start("graceful_shutdown.ts", ["--work", "1"]);
  await example.printed(/Backing up/);
  example.signal("SIGTERM");
  const [start, , ...rest] = linesOf(await example.ended());
  assertEquals([start, ...rest], [
    '### [START] neat-periodic-task: "backup"',
    "Stopping",
    "Backed up",
    '### [FINISHED] neat-periodic-task: "backup"',
    "Stopped",
  ]);
}, isWindows);

test("graceful_shutdown.ts", "aborts a run that takes too long", async () => {
  await using example = await RunningExample.start("graceful_shutdown.ts", ["--work", "60"]);
  await example.printed(/Backing up/);
  example.signal("SIGTERM");
  assertEquals(linesOf(await example.ended()).slice(2), ["Stopping", "Removed the incomplete backup", "Stopped"]);
}, isWindows);

test("heartbeat.ts", "writes heartbeats while the task runs", async () => {
  const lines = linesOf(await runExample("heartbeat.ts"));
  const heartbeats = lines.flatMap((line) => /last heartbeat: (.*)/.exec(line)?.[1] ?? []);
  assertEquals(heartbeats.length, 6);
  assertEquals(heartbeats[0], "none yet");
  assert(new Set(heartbeats).size >= 3, heartbeats.join());
  assertEquals(lines.at(-1), "finished");
});

test("fencing.ts", "refuses the write of the outdated run", async () => {
  const { code, stdout, stderr } = await runExample("fencing.ts");
  assertEquals(code, 0);
  assertStringIncludes(stderr, '### [FAILED] neat-periodic-task: "summary", timeout exceeded!');
  const lines = stdout.trimEnd().split("\n").filter((line) => !line.startsWith("###"));
  assertEquals(lines.slice(0, 2), ["term 2: stored", "term 1: refused"]);
  assertStringIncludes(lines[2] ?? "", 'text: "by run 2", term: 2');
});

test("trigger_over_http.ts", "runs the task at a request, and shows the record", async () => {
  await using example = await RunningExample.start("trigger_over_http.ts", ["--port", "0"]);
  const [, base] = await example.printed(/(http:\/\/127\.0\.0\.1:\d+)\//);
  await example.printed(/FINISHED/);
  const triggered = await fetch(`${base}/trigger`, { method: "POST" });
  assertEquals(await triggered.json(), { outcome: "finished" });
  const status = await (await fetch(`${base}/status`)).json();
  assertEquals([status.state, status.term], ["finished", 2]);
  const unknown = await fetch(`${base}/trigger`);
  assertEquals([unknown.status, await unknown.text()], [404, "Not found"]);
  example.signal("SIGTERM");
  assertEquals((await example.ended()).code, 0);
}, isWindows);

test("health.ts", "answers the health checks", async () => {
  await using example = await RunningExample.start("health.ts", ["--port", "0"]);
  const [, base] = await example.printed(/(http:\/\/127\.0\.0\.1:\d+)\//);
  await example.printed(/FINISHED/);
  const answers: unknown[] = [];
  for (const probe of ["tasks", "live", "ready", "unknown"]) {
    const response = await fetch(`${base}/health/${probe}`);
    const isJson = response.headers.get("content-type") === "application/json";
    answers.push([response.status, isJson ? (await response.json()).tasks[0].reason : await response.text()]);
  }
  assertEquals(answers, [[200, "finished"], [200, "alive"], [200, "ready"], [404, "Not found"]]);
  example.signal("SIGTERM");
  assertEquals((await example.ended()).code, 0);
}, isWindows);

test("opentelemetry.ts", "shows its metrics to Prometheus, and prints the span of each run", async () => {
  // the exporter takes no port 0
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  await using example = await RunningExample.start("opentelemetry.ts", ["--port", `${port}`]);
  await example.printed(/name: "run backup"/);
  const page = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  assertMatch(page, /^neat_periodic_task_runs_total\{.*outcome="finished".*\} 1$/m);
  example.signal("SIGTERM");
  assertEquals((await example.ended()).code, 0);
}, isWindows);

test("several_tasks.ts", "runs both tasks, and stops both at SIGTERM", async () => {
  await using example = await RunningExample.start("several_tasks.ts");
  await example.printed(/FINISHED[^]*FINISHED/);
  example.signal("SIGTERM");
  const lines = linesOf(await example.ended());
  assertEquals(lines.toSorted(), [...runLines("backup", "Backing up"), ...runLines("clean-up", "Cleaning up")].sort());
}, isWindows);

test("sharding.ts", "runs the tasks of its replica alone, and begins with those for which it comes first", async () => {
  await using example = await RunningExample.start("sharding.ts", ["--replica", "server-2"]);
  const [, first = "", second = ""] = await example.printed(/server-2 comes first for (\S*), and second for (\S*)\n/);
  const mine = [...first.split(","), ...second.split(",")].filter(Boolean);
  assert(mine.length > 1 && mine.length < 8, mine.join());
  await example.printed(new RegExp(`(FINISHED[^]*){${mine.length}}`));
  example.signal("SIGTERM");
  const cleaned = linesOf(await example.ended()).flatMap((line) => /^Cleaning up (.*)$/.exec(line)?.[1] ?? []);
  assertEquals(cleaned, mine);
}, isWindows);

test("own_store.ts", "passes the checks of stores", async () => {
  const lines = linesOf(await runExample("own_store.ts"));
  assert(lines.length > 10);
  // a store in memory has no server that could hang or fail
  assertEquals(
    lines.filter((line) => !line.startsWith("ok ")).map((line) => line.split(" ")[0]),
    Array(3).fill("skipped"),
  );
});

for (const name of ["deno_kv.ts", "sqlite.ts"]) {
  test(name, "shares a file among processes, and ends at SIGTERM", async () => {
    const folder = await Deno.makeTempDir();
    try {
      const args = ["--file", `${folder}/tasks.sqlite3`, "--interval", "2"];
      await using first = await RunningExample.start(name, args);
      await first.printed(/Hello World 1\n[^]*FINISHED/);
      await using second = await RunningExample.start(name, args);
      first.signal("SIGTERM");
      assertEquals((await first.ended()).code, 0);
      await second.printed(/Hello World [23]\n[^]*FINISHED/);
      second.signal("SIGTERM");
      assertEquals((await second.ended()).code, 0);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  }, isWindows);
}

const hasNoRedis = await findRedis() === undefined;

test(
  "redis.ts",
  `shares a record among processes, and ends at SIGTERM${hasNoRedis ? " (skipped: there is no redis-server)" : ""}`,
  async () => {
    const server = await startRedis();
    assert("port" in server);
    await using _server = server;
    const args = ["--url", `redis://127.0.0.1:${server.port}`, "--interval", "2"];
    await using first = await RunningExample.start("redis.ts", args);
    await first.printed(/Hello World 1\n[^]*FINISHED/);
    await using second = await RunningExample.start("redis.ts", args);
    first.signal("SIGTERM");
    const ended = await first.ended();
    assertEquals(ended.code, 0);
    assertStringIncludes(ended.stderr, "The server keeps nothing across a restart");
    await second.printed(/Hello World [23]\n[^]*FINISHED/);
    second.signal("SIGTERM");
    assertEquals((await second.ended()).code, 0);
  },
  isWindows || hasNoRedis,
);

const hasNoEtcd = await findEtcd() === undefined;

test(
  "etcd.ts",
  `shares a record among processes, and ends at SIGTERM${hasNoEtcd ? " (skipped: there is no etcd)" : ""}`,
  async () => {
    const server = await startEtcd();
    assert("port" in server);
    await using _server = server;
    await mustTakeOver("etcd.ts", ["--endpoint", server.url, "--interval", "2"]);
  },
  isWindows || hasNoEtcd,
);

/** Requires that a second process goes on where the first one was stopped. */
async function mustTakeOver(name: string, args: readonly string[]): Promise<void> {
  await using first = await RunningExample.start(name, args);
  await first.printed(/Hello World 1\n[^]*FINISHED/);
  await using second = await RunningExample.start(name, args);
  first.signal("SIGTERM");
  assertEquals((await first.ended()).code, 0);
  await second.printed(/Hello World [23]\n[^]*FINISHED/);
  second.signal("SIGTERM");
  assertEquals((await second.ended()).code, 0);
}

test("control.ts", "lists, requests, pauses and resumes the task of a process on the same file", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const file = ["--file", `${folder}/kv.sqlite3`];
    await using server = await RunningExample.start("deno_kv.ts", [...file, "--interval", "4"]);
    await server.printed(/Hello World 1\n[^]*FINISHED/);
    const control = async (...args: string[]): Promise<string[]> =>
      linesOf(await runExample("control.ts", [...args, ...file]));
    assertEquals(await control("pause", "hello-world"), ["hello-world: paused"]);
    const [pausedLine = ""] = await control("list");
    assertMatch(pausedLine, /^hello-world +finished +paused by .+ since \d{4}-/);
    assertEquals(await control("request", "hello-world"), ["hello-world: requested"]);
    assertEquals(await control("request", "hello-world"), ["hello-world: already-requested"]);
    assertEquals(await control("resume", "hello-world"), ["hello-world: resumed"]);
    await server.printed(/Hello World 2\n[^]*FINISHED/);
    const unknown = await runExample("control.ts", ["pause", "hello-word", ...file]);
    assertEquals(unknown.code, 1);
    assertStringIncludes(unknown.stderr, 'did you mean "hello-world"?');
    const usage = await runExample("control.ts", ["stop", "hello-world", ...file]);
    assertEquals([usage.code, usage.stderr.split("\n")[0]], [
      2,
      "Usage: control.ts list | request NAME | pause NAME | resume NAME",
    ]);
    server.signal("SIGTERM");
    assertEquals((await server.ended()).code, 0);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}, isWindows);

test("logger_console.ts", "prints the lines and the error", async () => {
  const { code, stdout, stderr } = await runExample("logger_console.ts");
  assertEquals(code, 0);
  const start = '### [START] neat-periodic-task: "fetch-prices"';
  assertEquals(stdout.trimEnd().split("\n"), [start, ...runLines("fetch-prices")]);
  assertMatch(stderr, /^### \[FAILED\] neat-periodic-task: "fetch-prices" Error: the shop is closed\n {4}at /);
});

/** The property that holds the message in what a logger prints, and the path to the error's stack. */
const LOGGERS: readonly [name: string, message: string, ...stack: string[]][] = [
  ["logger_logtape.ts", "message", "properties", "error", "stack"],
  ["logger_pino.ts", "msg", "err", "stack"],
  ["logger_winston.ts", "message", "stack"],
];
for (const [name, message, ...stack] of LOGGERS) {
  test(name, "prints every message to the letter, and the error with its stack", async () => {
    const { code, stdout, stderr } = await runExample(name);
    assertEquals(code, 0, stderr);
    // LogTape writes errors to stderr
    const entries = `${stdout}${stderr}`.trimEnd().split("\n").map((line) => JSON.parse(line));
    const failed = '### [FAILED] neat-periodic-task: "fetch-prices"';
    assertEquals(entries.map((entry) => entry[message]).sort(), [
      failed,
      '### [FINISHED] neat-periodic-task: "fetch-prices"',
      '### [START] neat-periodic-task: "fetch-prices"',
      '### [START] neat-periodic-task: "fetch-prices"',
    ]);
    const entry = entries.find((entry) => entry[message] === failed);
    assertMatch(stack.reduce((value, key) => value[key], entry), /^Error: the shop is closed\n {4}at /);
  });
}

Deno.test("each example is tested, has a question at its top, and shows its command", async () => {
  const names = [...Deno.readDirSync(EXAMPLES)].filter(({ isFile }) => isFile).map(({ name }) => name);
  assertEquals([...tested, ...Object.keys(NOT_RUN_HERE)].sort(), names.sort());
  for (const name of names.filter((name) => name !== "terminated.ts")) {
    const text = await Deno.readTextFile(new URL(name, EXAMPLES));
    assertMatch(text, /^\/\*\*\n \* (How|What|Which) [^\n]+\?\n \*\n/, name);
    assertEquals((await documentedArgs(name))[0], "run");
  }
});

// The programs in docs/dashboard.md that mount the dashboard, on Node and Bun with the package from npm.

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import config from "../../deno.json" with { type: "json" };
import { Consumer } from "./consumer.ts";
import { isNode, packageTest, type Runtime, runtimes } from "./environment.ts";
import { HONO, OLDEST_HONO } from "./hono.ts";

/** Returns the servers. The newest `@hono/node-server` needs a newer hono than this package does. */
function serversOf(age: "oldest" | "newest"): string[] {
  const node = age === "newest" ? config.imports["@hono/node-server"].replace("npm:", "") : "@hono/node-server@1.13.8";
  return [node, ...(["express", "fastify"] as const).map((name) => config.imports[name].replace("npm:", ""))];
}

/** What the programs import: a group with a task in a store. It prints how often the group was read. */
const TASKS = `
import { MemoryStore, NeatPeriodicTaskGroup, NeatPeriodicTaskScheduler } from "@neat/periodic-task";
const log = { debug() {}, info() {}, warn() {}, error() {} };
const task = new NeatPeriodicTaskScheduler({
  name: "a/b", interval: { hours: 1 }, timeout: { minutes: 1 }, store: new MemoryStore(), log, task: () => {},
});
let reads = 0;
export const group = [task];
group[Symbol.iterator] = function () {
  reads++;
  return Array.prototype[Symbol.iterator].call(this);
};
setInterval(() => console.log("reads " + reads), 250);
`;

/** Where a program mounts the dashboard. */
const PROGRAMS: Readonly<Record<string, { readonly path: string; readonly runs: (runtime: Runtime) => boolean }>> = {
  "Bun": { path: "/", runs: (runtime) => !isNode(runtime) },
  "Hono on Node": { path: "/tasks/", runs: isNode },
  "Express": { path: "/tasks/", runs: isNode },
  "Fastify": { path: "/tasks/", runs: isNode },
};

/** Returns the program below a heading of docs/dashboard.md. */
async function programOf(heading: string): Promise<string> {
  const page = await Deno.readTextFile(new URL("../../docs/dashboard.md", import.meta.url));
  const [, code] = page.split(`### ${heading}\n`)[1]?.split("\n#")[0]?.match(/```js ignore\n([^]*?)```/) ?? [];
  assert(code, heading);
  return code;
}

/** A port that was free a moment ago. */
function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

/** A program that serves a dashboard. */
class Server implements AsyncDisposable {
  output = "";
  readonly #process: Deno.ChildProcess;
  readonly #printed: Promise<unknown>;

  constructor(runtime: Runtime, consumer: Consumer, file: string) {
    const options = { args: [file], cwd: consumer.folder, env: { NO_COLOR: "1", NODE_OPTIONS: "" } };
    this.#process = new Deno.Command(runtime.path, { ...options, stdin: "null", stdout: "piped", stderr: "piped" })
      .spawn();
    const read = async (stream: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<void> => {
      for await (const text of stream.pipeThrough(new TextDecoderStream())) this.output += text;
    };
    this.#printed = Promise.all([read(this.#process.stdout), read(this.#process.stderr)]);
  }

  /** The number of times that the group was read. */
  get reads(): number {
    return Number(this.output.match(/reads \d+/g)?.at(-1)?.slice(6) ?? 0);
  }

  /** Waits until the server answers. */
  async started(url: string): Promise<void> {
    for (let attempt = 0; attempt < 200; attempt++) {
      const response = await fetch(url).catch(() => undefined);
      if (response) return void await response.body?.cancel();
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Error(`Cannot reach the server as it does not answer: current value of its output is ${this.output}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#process.kill("SIGKILL");
    } catch {
      // it has ended by itself, which its output explains
    }
    await this.#process.status;
    await this.#printed;
  }
}

async function checkPages(url: string): Promise<void> {
  const response = await fetch(url.replace(/(?<=\w)\/$/, "?q=a"));
  assertEquals(new URL(response.url).pathname, new URL(url).pathname);
  const page = await response.text();
  assertStringIncludes(page, 'href="task?name=a%2Fb"');
  assertEquals((await fetch(new URL("style.css", url)).then((style) => style.text())).includes(":root"), true);
  assertStringIncludes(await (await fetch(new URL("task?name=a%2Fb", url))).text(), "<bdi>a/b</bdi>");
}

async function checkButtons(url: string): Promise<void> {
  const page = await fetch(url);
  const cookie = page.headers.get("set-cookie")?.split(";")[0] ?? "";
  const [, token = ""] = /name="token" value="(\w+)"/.exec(await page.text()) ?? [];
  const post = (headers: Record<string, string>): Promise<Response> =>
    fetch(new URL("actions", url), {
      method: "POST",
      redirect: "manual",
      headers: { cookie, ...headers },
      body: new URLSearchParams({ token, pause: "a/b", view: "task" }),
    });
  const refused = await post({ origin: "http://evil.example" });
  assertEquals(refused.status, 403);
  await refused.body?.cancel();
  const accepted = await post({ origin: new URL(url).origin });
  assertEquals([accepted.status, accepted.headers.get("location")], [303, "task?name=a%2Fb"]);
  await accepted.body?.cancel();
  assertStringIncludes(await (await fetch(url)).text(), "paused by dashboard");
}

/** Waits for a time. */
async function delay(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
}

/** Checks that a viewer gets the state, that the tasks are read again and again, and no longer when the viewer has gone. */
async function checkEvents(url: string, server: Server): Promise<void> {
  const leaving = new AbortController();
  const response = await fetch(new URL("events", url), { signal: leaving.signal });
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  while (!text.includes("\ndata: ")) text += (await reader?.read())?.value ?? "";
  assertMatch(text, /^retry: 3000\n\nid: \w+\ndata: \{/);
  await delay(500);
  const before = server.reads;
  // longer than the time from one read to the next
  await delay(6_500);
  assert(server.reads > before, server.output);
  leaving.abort();
  await reader?.cancel().catch(() => {});
  await delay(1_000);
  const { reads } = server;
  await delay(6_500);
  assertEquals(server.reads, reads);
  // it has not ended
  assertStringIncludes(await (await fetch(url)).text(), "paused by dashboard");
}

async function checkProgram(consumer: Consumer, runtime: Runtime, heading: string): Promise<void> {
  const port = freePort();
  const file = `${heading.toLowerCase().replaceAll(" ", "_")}_${port}.mjs`;
  // with the buttons, which the programs of the page have only behind a sign-in
  const program = (await programOf(heading)).replace("dashboard({ group,", "dashboard({ group, actions: true,");
  await consumer.write(file, program.replace("3000", `${port}`).replace("./tasks.js", "./tasks.mjs"));
  await using server = new Server(runtime, consumer, file);
  const url = `http://127.0.0.1:${port}${PROGRAMS[heading]?.path}`;
  try {
    await server.started(url);
    await checkPages(url);
    await checkButtons(url);
    await checkEvents(url, server);
  } catch (error) {
    throw new Error(`${heading}: ${server.output}`, { cause: error });
  }
}

for (const [age, hono] of [["oldest", OLDEST_HONO], ["newest", HONO]] as const) {
  packageTest(`the programs of docs/dashboard.md serve the dashboard with the ${age} hono`, async (t) => {
    await using consumer = await Consumer.create([hono, ...serversOf(age)]);
    await consumer.write("tasks.mjs", TASKS);
    const all = runtimes();
    const nodes = all.filter(isNode);
    const tested = all.filter((runtime) => !isNode(runtime) || runtime === nodes[0] || runtime === nodes.at(-1));
    const programs = tested.flatMap((runtime) =>
      Object.entries(PROGRAMS).filter(([, { runs }]) => runs(runtime)).map(([heading]) => ({ runtime, heading }))
    );
    await Promise.all(programs.map(({ runtime, heading }) =>
      t.step({
        name: `${heading} on ${runtime.name}`,
        sanitizeOps: false,
        sanitizeResources: false,
        sanitizeExit: false,
        fn: () => checkProgram(consumer, runtime, heading),
      })
    ));
  });
}

// Each server in examples/frameworks is started with the real framework, asked, and stopped by SIGTERM during a run.

import { assertEquals, assertMatch, assertNotEquals, assertStringIncludes } from "@std/assert";
import { documentedArgs, EXAMPLES, runExample, RunningExample } from "./example.ts";

const PAGES = new URL("../../docs/frameworks/", import.meta.url);

/** The servers, and the start of what they answer. */
const SERVERS: Readonly<Record<string, string>> = {
  "deno.ts": "Hello from Deno",
  "express.ts": "Hello from Express",
  "fastify.ts": "Hello from Fastify",
  "hono.ts": "Hello from Hono",
  "nestjs.ts": '{"message":"Cannot GET /"',
};

const STARTED = '### [START] neat-periodic-task: "clean-up"';
const FINISHED = '### [FINISHED] neat-periodic-task: "clean-up"';

for (const [name, answer] of Object.entries(SERVERS)) {
  Deno.test({
    name: `examples/frameworks/${name} answers, and finishes the run in progress at SIGTERM`,
    ignore: Deno.build.os === "windows",
    async fn() {
      await using example = await RunningExample.start(`frameworks/${name}`, [], { PORT: "0" });
      const [, url = ""] = await example.printed(/Listening on (http:\/\/127\.0\.0\.1:\d+\/)/);
      await example.printed(/Cleaning up/);
      const text = await (await fetch(url)).text();
      assertEquals(text.slice(0, answer.length), answer);
      if (name !== "nestjs.ts") await assertHealthy(`${url}health`);
      example.signal("SIGTERM");
      const { code, stdout, stderr } = await example.ended();
      assertEquals(code, 0, stderr);
      const positions = [STARTED, "Cleaning up\n", "Cleaned up\n", FINISHED].map((line) => stdout.indexOf(line));
      assertEquals(positions, positions.filter((position) => position >= 0).sort((a, b) => a - b), stdout);
    },
  });
}

/** Asserts that a server answers health checks, those by HEAD too. The run is in progress. */
async function assertHealthy(url: string): Promise<void> {
  const answer = await fetch(url);
  const { status, tasks } = await answer.json();
  assertEquals([answer.status, status, tasks[0].reason], [200, "healthy", "running"]);
  assertEquals(answer.headers.get("cache-control"), "no-store");
  assertMatch(answer.headers.get("content-type") ?? "", /^application\/json/);
  const head = await fetch(url, { method: "HEAD" });
  assertEquals([head.status, await head.text()], [200, ""]);
}

/** What a server answers in the place of its greeting, so that the response never ends. */
const STREAMS: Readonly<Record<string, (source: string) => string>> = {
  "deno.ts": (source) => source.replace('new Response("Hello from Deno")', endless("Hello from Deno")),
  "express.ts": (source) => source.replace("response.send(", "response.write("),
  "fastify.ts": (source) =>
    source.replace(
      '() => Promise.resolve("Hello from Fastify")',
      '(_request, reply) => void reply.hijack().raw.write("Hello from Fastify")',
    ),
  "hono.ts": (source) => source.replace('context.text("Hello from Hono")', endless("Hello from Hono")),
  "nestjs.ts": (source) =>
    source.replace(
      "  await app.listen(",
      `  app.use((_: unknown, response: { write(text: string): void }) => response.write("Hello from Nest"));\n$&`,
    ),
};

/** Returns the source of a response that never ends. */
function endless(text: string): string {
  return `new Response(ReadableStream.from(async function* () {
    yield new TextEncoder().encode(${JSON.stringify(text)});
    await new Promise(() => {});
  }()))`;
}

/** After this time a server that waits for its stream is killed. */
const LIMIT_MS = 15_000;

/** Starts a server with an open stream, and asks for it. */
async function startStreaming(name: string): Promise<AsyncDisposable & { example: RunningExample; url: string }> {
  const source = await Deno.readTextFile(new URL(`frameworks/${name}`, EXAMPLES));
  const streaming = STREAMS[name]?.(source) ?? source;
  assertNotEquals(streaming, source);
  // the limit of the example is for people
  const changed = streaming.replace("5_000", "1_500");
  const file = await Deno.makeTempFile({ suffix: ".ts" });
  await Deno.writeTextFile(file, changed);
  const args = await documentedArgs(`frameworks/${name}`);
  const example = RunningExample.startFile(`file://${file}`, args, [], { PORT: "0" });
  const limit = setTimeout(() => example.signal("SIGKILL"), LIMIT_MS);
  const [, url = ""] = await example.printed(/Listening on (http:\/\/127\.0\.0\.1:\d+\/)/);
  await example.printed(/Cleaning up/);
  const reader = (await fetch(url)).body?.getReader();
  await reader?.read();
  const dispose = async (): Promise<void> => {
    clearTimeout(limit);
    await example[Symbol.asyncDispose]();
    await reader?.cancel().catch(() => {});
    await Deno.remove(file);
  };
  return { example, url, [Symbol.asyncDispose]: dispose };
}

/** Waits until a server accepts no connection. */
async function refuses(url: string): Promise<void> {
  for (;;) {
    try {
      (await Deno.connect({ hostname: "127.0.0.1", port: Number(new URL(url).port) })).close();
    } catch {
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

for (const name of Object.keys(SERVERS)) {
  Deno.test({
    name: `examples/frameworks/${name} ends at SIGTERM although a stream is open`,
    ignore: Deno.build.os === "windows",
    async fn() {
      await using streaming = await startStreaming(name);
      streaming.example.signal("SIGTERM");
      const { code, stdout, stderr } = await streaming.example.ended();
      assertEquals(code, 0, stderr);
      assertStringIncludes(stdout, FINISHED);
    },
  });
}

// Nest ignores further signals
for (const name of Object.keys(SERVERS).filter((name) => name !== "nestjs.ts")) {
  Deno.test({
    name: `examples/frameworks/${name} ends at once at a second signal, also of the other kind`,
    ignore: Deno.build.os === "windows",
    async fn() {
      await using streaming = await startStreaming(name);
      streaming.example.signal("SIGTERM");
      await refuses(streaming.url);
      streaming.example.signal("SIGINT");
      const { code } = await streaming.example.ended();
      assertEquals(code, 130);
    },
  });
}

Deno.test("examples/frameworks/hot_reload.ts stops the tasks of the old module before those of the new one start", async () => {
  const { code, stdout, stderr } = await runExample("frameworks/hot_reload.ts");
  assertEquals([code, stderr], [0, ""]);
  assertEquals(stdout.split("\n").filter((line) => /^(stopped|started)$/.test(line)), ["stopped", "started"]);
});

/** The folder of the example for Next.js, which `deno task test:npm` builds and starts. */
const NEXT = "nextjs";

async function pageOf(name: string): Promise<string> {
  return await Deno.readTextFile(new URL(name === "hot_reload.ts" ? "README.md" : name.replace(".ts", ".md"), PAGES));
}

Deno.test("each example of a framework has a question at its top, and is on its page as it is", async () => {
  const names = [...Deno.readDirSync(new URL("frameworks/", EXAMPLES))].map(({ name }) => name).sort();
  assertEquals(names, [...Object.keys(SERVERS), "hot_reload.ts", NEXT].sort());
  for (const name of names.filter((name) => name !== NEXT)) {
    const text = await Deno.readTextFile(new URL(`frameworks/${name}`, EXAMPLES));
    assertMatch(text, /^\/\*\*\n \* How [^\n]+\?\n \*\n/, name);
    assertEquals((await documentedArgs(`frameworks/${name}`))[0], "run");
    const [, code = ""] = /\*\/\n(.*?)\n*(?:$|if \(import\.meta\.main\))/s.exec(text) ?? [];
    assertStringIncludes(await pageOf(name), code, name);
  }
});

Deno.test("the example for Next.js is on its page as it is", async () => {
  for (const name of ["instrumentation.ts", "tasks.ts", "app/health/route.ts"]) {
    const text = await Deno.readTextFile(new URL(`frameworks/${NEXT}/${name}`, EXAMPLES));
    assertStringIncludes(await pageOf(`${NEXT}.ts`), text.replace(/^\/\*\*.*?\*\/\n/s, ""), name);
  }
});

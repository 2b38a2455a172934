// Each server in examples/frameworks is started with the real framework, asked, and stopped by SIGTERM during a run.

import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
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
      example.signal("SIGTERM");
      const { code, stdout, stderr } = await example.ended();
      assertEquals(code, 0, stderr);
      const positions = [STARTED, "Cleaning up\n", "Cleaned up\n", FINISHED].map((line) => stdout.indexOf(line));
      assertEquals(positions, positions.filter((position) => position >= 0).sort((a, b) => a - b), stdout);
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
  for (const name of ["instrumentation.ts", "tasks.ts"]) {
    const text = await Deno.readTextFile(new URL(`frameworks/${NEXT}/${name}`, EXAMPLES));
    assertStringIncludes(await pageOf(`${NEXT}.ts`), text.replace(/^\/\*\*.*?\*\/\n/s, ""), name);
  }
});

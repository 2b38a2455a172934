// README.md's example, pasted as it is into an empty project with the package, on each runtime.

import { assert, assertEquals } from "@std/assert";
import { type Runtime, runtimes } from "../../scripts/npm/runtimes.ts";
import { Consumer, type Loading, SKIPPED, TARBALL } from "./consumer.ts";
import { onEach } from "./programs.ts";

const LIMIT_MS = 30_000;
const isWindows = Deno.build.os === "windows";

/** The example, to the letter. */
async function example(): Promise<string> {
  const readme = await Deno.readTextFile(new URL("../../README.md", import.meta.url));
  const code = /^## Example\n(?:(?!#)[^\n]*\n)*?```ts no-run\n(.*?)^```$/ms.exec(readme)?.[1];
  if (!code) throw new Error('Cannot take the example from README.md as there is no "ts no-run" block under "Example"');
  return code;
}

/** The same for CommonJS. */
function required(code: string): string {
  const replaced = code.replace(/^import (\{[^}]*\}) from ("[^"]+");$/gm, "const $1 = require($2);");
  assert(replaced !== code && !/^import /m.test(replaced), replaced);
  return replaced;
}

/** Reads a stream to its end, and tells after each piece what there is so far. */
async function collect(stream: ReadableStream<Uint8Array>, tell: (text: string) => void): Promise<string> {
  let text = "";
  for await (const piece of stream.pipeThrough(new TextDecoderStream())) tell(text += piece);
  return text;
}

/** Runs the example until it has finished a run, asks it to end with a signal, and waits until it has ended by itself. */
async function play(folder: string, runtime: Runtime, file: string, ask: "SIGTERM" | "SIGINT"): Promise<void> {
  await using child = new Deno.Command(runtime.path, {
    args: [file],
    cwd: folder,
    env: { NO_COLOR: "1", NODE_OPTIONS: "" },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    signal: AbortSignal.timeout(LIMIT_MS),
  }).spawn();
  let isAsked = false;
  const out = collect(child.stdout, (text) => {
    if (isAsked || !/FINISHED.*\n/.test(text)) return;
    isAsked = true;
    child.kill(ask);
  });
  const [text, errors, { code, signal }] = await Promise.all([out, collect(child.stderr, () => {}), child.status]);
  const expected = [
    '### [START] neat-periodic-task: "hello-world"',
    "Hello World 1",
    '### [FINISHED] neat-periodic-task: "hello-world"',
    "",
  ];
  assertEquals({ text: text.split("\n"), errors, code, signal }, { text: expected, errors: "", code: 0, signal: null });
}

Deno.test({
  name: "README.md's example runs as it is on each runtime, and ends by itself on a signal" +
    (isWindows ? " (skipped: Windows has no such signals)" : SKIPPED),
  ignore: TARBALL === undefined || isWindows,
  fn: async (t) => {
    const code = await example();
    await using consumer = await Consumer.create();
    const write = async (loading: Loading): Promise<string> => {
      const file = loading === "esm" ? "hello.mjs" : "hello.cjs";
      await consumer.write(file, loading === "esm" ? code : required(code));
      return file;
    };
    await onEach(t, consumer, write, async ({ runtime, file }) => {
      for (const ask of ["SIGTERM", "SIGINT"] as const) await play(consumer.folder, runtime, file, ask);
    });
  },
});

/** What `await using` needs, as docs/npm.md says. */
const AWAIT_USING = `
import { NeatPeriodicTaskGroup, NeatPeriodicTaskScheduler } from "@neat/periodic-task";

const common = { interval: { hours: 1 }, timeout: { minutes: 5 }, log: { info() {}, warn() {}, error() {} } };
{
  await using one = new NeatPeriodicTaskScheduler({ ...common, name: "one", task: () => console.log("one") });
  await using tasks = new NeatPeriodicTaskGroup([
    new NeatPeriodicTaskScheduler({ ...common, name: "two", task: () => console.log("two") }),
  ]);
  one.start();
  tasks.start();
  await Promise.all([one, ...tasks].map((scheduler) =>
    new Promise((resolve) => scheduler.addEventListener("finished", resolve))
  ));
}
console.log("the end");
`;

Deno.test({
  name: `"await using" stops a scheduler, and a group, where the runtime knows it${SKIPPED}`,
  ignore: TARBALL === undefined,
  fn: async (t) => {
    await using consumer = await Consumer.create();
    await consumer.write("using.mjs", AWAIT_USING);
    const seen: Record<string, boolean> = {};
    for (const { name, version, path } of await runtimes()) {
      await t.step(`${name} ${version}`, async () => {
        const { code, text } = await consumer.run(path, ["using.mjs"], LIMIT_MS);
        seen[name] = code === 0 && text === "one\ntwo\nthe end\n";
        assert(seen[name] || /SyntaxError/.test(text), text);
      });
    }
    assertEquals(seen, { "Node 20": false, "Node 22": false, "Node 24": true, "Node 26": true, "Bun": true });
  },
});

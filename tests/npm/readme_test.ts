import { assert, assertEquals } from "@std/assert";
import { Consumer, type Loading } from "./consumer.ts";
import { packageTest, type Runtime, runtimes } from "./environment.ts";
import { forEachProgram } from "./programs.ts";

const LIMIT_MS = 30_000;
const SIGNALS = ["SIGTERM", "SIGINT"] as const;

/** The code block below the heading of the example. */
const EXAMPLE = /^#+ (?:Example|In Node and Bun)\n(?:(?!#)[^\n]*\n)*?```(?:js|ts no-run)\n(.*?)^```$/ms;

/** Returns the example of README.md. */
async function readmeExample(): Promise<string> {
  const readme = await Deno.readTextFile(new URL("../../README.md", import.meta.url));
  const code = EXAMPLE.exec(readme)?.[1];
  if (!code) throw new Error("Cannot run the example of README.md as it has none: current value is undefined");
  return code;
}

/** Returns the example as CommonJS. */
function asCommonJs(code: string): string {
  const replaced = code.replace(/^import (\{[^}]*\}) from ("[^"]+");$/gm, "const $1 = require($2);");
  assert(replaced !== code && !/^import /m.test(replaced), replaced);
  return replaced;
}

/** Reads a stream to its end, and passes the text so far to a function after each piece. */
async function readText(
  stream: ReadableStream<Uint8Array>,
  onText: (text: string) => void = () => {},
): Promise<string> {
  let text = "";
  for await (const piece of stream.pipeThrough(new TextDecoderStream())) onText(text += piece);
  return text;
}

/** Asserts that the example runs its task, and exits by itself on a signal. */
async function assertExits(folder: string, runtime: Runtime, file: string, exitSignal: Deno.Signal): Promise<void> {
  await using child = new Deno.Command(runtime.path, {
    args: [file],
    cwd: folder,
    env: { NO_COLOR: "1", NODE_OPTIONS: "" },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    signal: AbortSignal.timeout(LIMIT_MS),
  }).spawn();
  let isSent = false;
  const output = readText(child.stdout, (text) => {
    if (isSent || !/FINISHED.*\n/.test(text)) return;
    isSent = true;
    child.kill(exitSignal);
  });
  const [text, errors, { code, signal }] = await Promise.all([output, readText(child.stderr), child.status]);
  const expected = [
    '### [START] neat-periodic-task: "hello-world"',
    "Hello World 1",
    '### [FINISHED] neat-periodic-task: "hello-world"',
    "",
  ];
  assertEquals({ text: text.split("\n"), errors, code, signal }, { text: expected, errors: "", code: 0, signal: null });
}

packageTest(
  "the example of README.md runs on each runtime, and exits by itself on a signal",
  async (t) => {
    const code = await readmeExample();
    await using consumer = await Consumer.create();
    const write = async (loading: Loading): Promise<string> => {
      const file = loading === "esm" ? "hello.mjs" : "hello.cjs";
      await consumer.write(file, loading === "esm" ? code : asCommonJs(code));
      return file;
    };
    await forEachProgram(t, write, async ({ runtime, file }) => {
      for (const signal of SIGNALS) await assertExits(consumer.folder, runtime, file, signal);
    });
  },
  Deno.build.os === "windows" ? "Windows has no such signals" : undefined,
);

/** A program with `await using`. */
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
console.log("stopped");
`;

packageTest('"await using" stops a scheduler and a group where the runtime supports it', async (t) => {
  await using consumer = await Consumer.create();
  await consumer.write("using.mjs", AWAIT_USING);
  const isSupported: Record<string, boolean> = {};
  for (const { name, version, path } of runtimes()) {
    await t.step(`${name} (${version})`, async () => {
      const { code, text } = await consumer.run(path, ["using.mjs"], { limitMs: LIMIT_MS });
      const supported = code === 0 && text === "one\ntwo\nstopped\n";
      isSupported[name] = supported;
      assert(supported || /SyntaxError/.test(text), text);
    });
  }
  assertEquals(isSupported, { "Node 20.18": false, "Node 22": false, "Node 24": true, "Node 26": true, "Bun": true });
});

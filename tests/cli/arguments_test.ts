import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { COMMANDS } from "../../src/cli/main.ts";
import { TestCommandLine } from "./setup.ts";

async function errorOf(...args: string[]): Promise<{ code: number; message: string | undefined }> {
  const line = new TestCommandLine();
  const code = await line.run(...args);
  assertEquals(line.stdout.text, "");
  return { code, message: line.stderr.lines[0] };
}

const USAGE_ERRORS: Readonly<Record<string, readonly [args: readonly string[], message: string]>> = {
  "an unknown command suggests the nearest one": [["lst"], 'error: unknown command "lst" (did you mean "list"?)'],
  "an unknown command without a near one suggests none": [["frobnicate"], 'error: unknown command "frobnicate"'],
  "an unknown option suggests the nearest one": [
    ["pause", "a", "--reson", "x"],
    'error: unknown option "--reson" of pause (did you mean "--reason"?)',
  ],
  "an option of another command is unknown": [["list", "--reason", "x"], 'error: unknown option "--reason" of list'],
  "an option without its value": [["list", "--store"], "error: --store needs a value: URL"],
  "an option in the place of a value": [["list", "--store", "--check"], "error: --store needs a value: URL"],
  "a value of an option that takes none": [["list", "--check=yes"], "error: --check takes no value"],
  "a missing argument": [["show"], "error: show needs an argument: NAME"],
  "one argument too many": [["show", "a", "b"], 'error: unexpected argument "b"'],
  "a program for a command that takes none": [["list", "--", "true"], 'error: list takes no program after "--"'],
  "no program": [["run", "--name", "a"], 'error: run needs a program: write it after "--"'],
  "a program without --": [["run", "true"], 'error: unexpected argument "true"; write the program after "--"'],
};

for (const [name, [args, message]] of Object.entries(USAGE_ERRORS)) {
  Deno.test(`main() ends with exit code 2 for ${name}`, async () => {
    assertEquals(await errorOf(...args), { code: 2, message });
  });
}

Deno.test("main() ends with exit code 2 if there is no store, and says how to name one", async () => {
  const line = new TestCommandLine({ env: { NEAT_STORE: "" } });
  assertEquals(await line.run("list"), 2);
  assertStringIncludes(line.stderr.text, "set NEAT_STORE or give --store, such as sqlite:./tasks.db");
  assertStringIncludes(line.stderr.text, 'Run "neat-periodic-task help list" for help.');
});

Deno.test("--store comes before NEAT_STORE, and may precede the command", async () => {
  const line = new TestCommandLine();
  assertEquals(await line.run("--store", "sqlite::memory:", "list"), 0);
  assertEquals(line.urls, ["sqlite::memory:"]);
});

Deno.test("no message about arguments shows the URL of a store", async () => {
  const url = "postgres://user:sesame@db/tasks";
  for (const args of [["list", url], [url], ["list", `--database=${url}`], ["list", `--${url}`], ["pause", "a", url]]) {
    const line = new TestCommandLine();
    assertEquals(await line.run(...args), 2);
    assert(!line.stderr.text.includes("sesame"), line.stderr.text);
  }
});

Deno.test("--json makes errors JSON with the exit code", async () => {
  const line = new TestCommandLine();
  assertEquals(await line.run("pause", "backup", "--json"), 4);
  assertEquals(JSON.parse(line.stderr.text).code, 4);
});

Deno.test("no command shows the help", async () => {
  const line = new TestCommandLine();
  assertEquals(await line.run(), 0);
  assertStringIncludes(line.stdout.text, "Usage: neat-periodic-task COMMAND [OPTIONS]");
});

Deno.test("the help of everything fits a terminal of 80 columns and 24 rows", async () => {
  for (const args of [[], ...COMMANDS.map(({ name }) => ["help", name])]) {
    const line = new TestCommandLine();
    assertEquals(await line.run(...args), 0);
    // the prompt takes a row
    assert(line.stdout.lines.length <= 23, `${args}: ${line.stdout.lines.length} rows`);
    for (const text of line.stdout.lines) assert(text.length <= 80, text);
  }
});

Deno.test("--help and -h show the help of a command without its arguments", async () => {
  for (const option of ["--help", "-h"]) {
    const line = new TestCommandLine();
    assertEquals(await line.run("pause", option), 0);
    assertStringIncludes(line.stdout.text, "Usage: neat-periodic-task pause NAME [OPTIONS]");
  }
});

Deno.test("help suggests the nearest command", async () => {
  assertEquals(await errorOf("help", "puase"), {
    code: 2,
    message: 'error: unknown command "puase" (did you mean "pause"?)',
  });
});

Deno.test("version and --version print the version of deno.json", async () => {
  const { version } = JSON.parse(await Deno.readTextFile(new URL("../../deno.json", import.meta.url)));
  for (const args of [["version"], ["--version"]]) {
    const line = new TestCommandLine();
    assertEquals(await line.run(...args), 0);
    assertEquals(line.stdout.text, `neat-periodic-task ${version}\n`);
  }
  const json = new TestCommandLine();
  await json.run("version", "--json");
  assertEquals(JSON.parse(json.stdout.text), { version });
});

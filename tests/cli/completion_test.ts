import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { COMMANDS } from "../../src/cli/main.ts";
import { TestCommandLine } from "./setup.ts";

async function scriptFor(shell: string): Promise<string> {
  const line = new TestCommandLine();
  assertEquals(await line.run("completion", shell), 0);
  return line.stdout.text;
}

for (const shell of ["bash", "zsh", "fish"]) {
  Deno.test(`completion ${shell} has every command and option`, async () => {
    const script = await scriptFor(shell);
    for (const { name, options } of COMMANDS) {
      assertStringIncludes(script, name);
      for (const option of Object.keys(options)) assertStringIncludes(script, option);
    }
  });
}

Deno.test("completion suggests the nearest shell, with exit code 2", async () => {
  const line = new TestCommandLine();
  assertEquals(await line.run("completion", "bsh"), 2);
  assertStringIncludes(line.stderr.text, 'the shell must be bash, zsh or fish (did you mean "bash"?)');
});

/** Runs a program with a script on standard input. Returns its lines; `undefined` if there is no such program. */
async function runShell(program: string, args: readonly string[]): Promise<string[] | undefined> {
  try {
    const { success, stdout, stderr } = await new Deno.Command(program, { args: [...args], env: { LC_ALL: "C" } })
      .output();
    assert(success, new TextDecoder().decode(stderr));
    return new TextDecoder().decode(stdout).trimEnd().split("\n");
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** Completes words in bash, with a store of these names, in a folder. Returns `undefined` without bash, which Windows may not have. */
async function completeInBash(names: string, words: readonly string[], cwd = "."): Promise<string[] | undefined> {
  const script = `cd "$1"; names=$2; shift 2
${await scriptFor("bash")}
neat-periodic-task() { printf '%s\\n' "$names"; }
COMP_WORDS=(neat-periodic-task "$@"); COMP_CWORD=$#
_neat_periodic_task; printf '%s\\n' "\${COMPREPLY[@]}"`;
  return await runShell("bash", ["--norc", "-c", script, "bash", cwd, names, ...words]);
}

Deno.test("completion bash completes commands, options and names of tasks", async () => {
  const complete = async (...words: string[]): Promise<string[] | undefined> =>
    await completeInBash("backup\nreport", words);
  const commands = await complete("re");
  if (commands === undefined) return;
  assertEquals(commands, ["request", "resume", "reset"]);
  assertEquals(await complete("pause", "b"), ["backup"]);
  assertEquals(await complete("pause", "--re"), ["--reason"]);
  assertEquals(await complete("completion", "z"), ["zsh"]);
});

Deno.test("completion bash evaluates no name of a task, and quotes it", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const names = "$(touch${IFS}file)\n`touch${IFS}file`\nwith space\n*";
    const all = await completeInBash(names, ["pause", ""], folder);
    if (all === undefined) return;
    const quoted = ["\\$\\(touch\\$\\{IFS\\}file\\)", "\\`touch\\$\\{IFS\\}file\\`", "with\\ space", "\\*"];
    assertEquals(all.filter((word) => !word.startsWith("--")), quoted);
    assertEquals(await completeInBash(names, ["pause", "with\\ s"], folder), ["with\\ space"]);
    assertEquals([...Deno.readDirSync(folder)], []);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("completion zsh evaluates no name of a task", async () => {
  const script = await scriptFor("zsh");
  // zsh evaluates the words of an action in parentheses
  assertStringIncludes(script, "'1:task:_neat_periodic_task_names'");
  const folder = await Deno.makeTempDir();
  try {
    const names = await runShell("zsh", [
      "-f",
      "-c",
      `cd "$1"; compdef() { :; }; compadd() { print -rl -- "\${@:2}"; }
${script}
neat-periodic-task() { print -r -- '$(touch\${IFS}file)'; print -r -- '-n with space'; }
_neat_periodic_task_names`,
      "zsh",
      folder,
    ]);
    if (names !== undefined) assertEquals(names, ["$(touch${IFS}file)", "-n with space"]);
    assertEquals([...Deno.readDirSync(folder)], []);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("completion zsh and completion fish are accepted by their shells, where these are installed", async () => {
  await runShell("zsh", ["-n", "-c", await scriptFor("zsh")]);
  await runShell("fish", ["--no-execute", "-c", await scriptFor("fish")]);
});

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

Deno.test("completion bash completes commands, options and names of tasks", async () => {
  const script = await scriptFor("bash");
  const complete = async (...words: string[]): Promise<string[] | undefined> =>
    await runShell("bash", [
      "--norc",
      "-c",
      `${script}
neat-periodic-task() { printf 'backup\\nreport\\n'; }
COMP_WORDS=(neat-periodic-task "$@"); COMP_CWORD=$#
_neat_periodic_task; printf '%s\\n' "\${COMPREPLY[@]}"`,
      "bash",
      ...words,
    ]);
  const commands = await complete("re");
  // Windows may have none
  if (commands === undefined) return;
  assertEquals(commands, ["request", "resume", "reset"]);
  assertEquals(await complete("pause", "b"), ["backup"]);
  assertEquals(await complete("pause", "--re"), ["--reason"]);
  assertEquals(await complete("completion", "z"), ["zsh"]);
});

Deno.test("completion zsh and completion fish are accepted by their shells, where these are installed", async () => {
  await runShell("zsh", ["-n", "-c", await scriptFor("zsh")]);
  await runShell("fish", ["--no-execute", "-c", await scriptFor("fish")]);
});

// deno run -A scripts/check_spelling.ts [--write-changes]
//
// Checks the spelling of all files with typos (typos.toml has its settings). Where it is not installed, it comes from PyPI with uvx,
// pipx or pip. Without any of these the check is skipped, but in CI it fails.

import { fileURLToPath } from "node:url";
import { ROOT } from "./deno_command.ts";

/** What PyPI has, and what an installed `typos` may differ from. */
const VERSION = "1.52.0";

/** Where pip puts it: below a folder that git and Deno ignore. */
const FOLDER = fileURLToPath(new URL(`.cache/typos-${VERSION}`, ROOT));

type Command = readonly [program: string, ...args: string[]];

/** The commands that run typos, in the order in which they are tried. */
const COMMANDS: readonly Command[] = [
  ["typos"],
  [`${FOLDER}/bin/typos`],
  ["uvx", `typos@${VERSION}`],
  ["pipx", "run", "--spec", `typos==${VERSION}`, "typos"],
];

const PIP = [
  "-m",
  "pip",
  "install",
  "--quiet",
  "--disable-pip-version-check",
  "--upgrade",
  "--target",
  FOLDER,
  `typos==${VERSION}`,
];

/** The commands that install it into the folder. */
const INSTALLERS: readonly Command[] = [["python3", ...PIP], ["python", ...PIP]];

async function succeeds([program, ...args]: Command): Promise<boolean> {
  try {
    const { success } = await new Deno.Command(program, { args, stdin: "null", stdout: "null", stderr: "null" })
      .output();
    return success;
  } catch {
    // there is no such program
    return false;
  }
}

async function first(commands: readonly Command[], ...args: string[]): Promise<Command | undefined> {
  for (const command of commands) {
    if (await succeeds([...command, ...args])) return command;
  }
}

/** Returns the command that runs typos, and installs it first if need be. */
async function typos(): Promise<Command | undefined> {
  const found = await first(COMMANDS, "--version");
  if (found) return found;
  return await first(INSTALLERS) && await first(COMMANDS, "--version");
}

/**
 * Checks the spelling of all files.
 *
 * @param args Further arguments of typos.
 * @throws {Error} If a word is misspelt, or, in CI, if typos cannot be installed.
 */
export async function checkSpelling(args: readonly string[] = []): Promise<void> {
  const command = await typos();
  if (!command) {
    const reason = "there is no typos, and none of uvx, pipx and pip installs it";
    if (Deno.env.get("CI")) throw new Error(`Cannot check the spelling as ${reason}`);
    return console.log(`skipped: spelling, as ${reason}`);
  }
  const [program, ...given] = command;
  const { success } = await new Deno.Command(program, { args: [...given, ...args], cwd: ROOT, stdin: "null" })
    .spawn().status;
  if (!success) throw new Error("Cannot accept the files as words are misspelt; --write-changes corrects them");
  console.log("No word is misspelt");
}

if (import.meta.main) {
  try {
    await checkSpelling(Deno.args);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    Deno.exit(1);
  }
}

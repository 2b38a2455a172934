/** The npm command of this system. */
export const NPM: string = Deno.build.os === "windows" ? "npm.cmd" : "npm";

/** npm arguments for a folder. The prefix is explicit, because a process that `npx` started inherits one in its environment. */
export function npmArgs(folder: string): string[] {
  return [`--prefix=${folder}`, "--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error"];
}

/** Runs a command and returns its standard output. Throws if the command fails. */
export async function runOrThrow(command: string, args: string[], options: Deno.CommandOptions = {}): Promise<string> {
  const { success, code, stdout, stderr } = await new Deno.Command(command, { stdin: "null", ...options, args })
    .output();
  const [output = "", errors = ""] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  if (!success) {
    const line = [command, ...args].join(" ");
    throw new Error(
      `Cannot continue as "${line}" failed: current value of its exit code is ${code}\n${output}${errors}`,
    );
  }
  return output;
}

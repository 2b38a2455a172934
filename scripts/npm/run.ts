/** The name of npm's command here. */
export const NPM: string = Deno.build.os === "windows" ? "npm.cmd" : "npm";

/** Arguments of npm for a folder of its own: `npx` hands the prefix of what it runs on to what that starts. */
export function npmIn(folder: string): string[] {
  return [`--prefix=${folder}`, "--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error"];
}

/** Runs a command that must succeed, and answers with what it printed to its standard output. */
export async function mustRun(command: string, args: string[], options: Deno.CommandOptions = {}): Promise<string> {
  const { success, code, stdout, stderr } = await new Deno.Command(command, { stdin: "null", ...options, args })
    .output();
  const [out, error] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes)) as [string, string];
  if (!success) {
    throw new Error(
      `Cannot go on as "${
        [command, ...args].join(" ")
      }" failed: current value of its exit code is ${code}\n${out}${error}`,
    );
  }
  return out;
}

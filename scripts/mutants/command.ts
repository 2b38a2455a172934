/** How a command ended. */
export interface CommandResult {
  readonly code: number;
  /** Whether it was ended at its limit. */
  readonly isTimedOut: boolean;
  /** Its standard output, then its errors. */
  readonly output: string;
}

/** Runs a Deno command in a folder, and ends it at a limit. */
export async function runDeno(folder: string, args: readonly string[], limitMs: number): Promise<CommandResult> {
  const child = new Deno.Command(Deno.execPath(), {
    args: [...args],
    cwd: folder,
    env: { NO_COLOR: "1" },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  let isTimedOut = false;
  const timer = setTimeout(() => {
    isTimedOut = true;
    child.kill("SIGKILL");
  }, limitMs);
  const { code, stdout, stderr } = await child.output();
  clearTimeout(timer);
  const [out, err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  return { code, isTimedOut, output: `${out}${err}` };
}

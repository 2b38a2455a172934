/** How a process is run. */
export interface ProcessOptions {
  /** It is ended when it takes longer. */
  readonly limitMs: number;
  readonly cwd?: string;
  readonly env?: Record<string, string>;
}

/** A process took longer than its limit and was ended. */
export class TooSlowError extends Error {
  override name = "TooSlowError";
}

function shown(command: string, args: readonly string[]): string {
  return [command.replace(/.*[\\/]/, ""), ...args.slice(0, 3)].join(" ").slice(0, 120);
}

/** Runs a process that must succeed, and answers with what it printed. What it says of errors is told if it fails. */
export async function runToEnd(command: string, args: readonly string[], options: ProcessOptions): Promise<string> {
  const { limitMs, cwd, env = {} } = options;
  const child = new Deno.Command(command, {
    args: [...args],
    ...(cwd === undefined ? {} : { cwd }),
    // what users set for their Node is not to be measured
    env: { NO_COLOR: "1", NODE_OPTIONS: "", ...env },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    child.kill("SIGKILL");
  }, limitMs);
  try {
    const { success, code, stdout, stderr } = await child.output();
    if (isLate) {
      throw new TooSlowError(
        `Cannot wait for "${shown(command, args)}" any longer: current value of its limit is ${limitMs} ms`,
      );
    }
    const [output, errors] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes)) as [string, string];
    if (!success) {
      throw new Error(
        `Cannot go on as "${shown(command, args)}" failed: current value of its exit code is ${code}\n` +
          `${output}${errors}`.slice(-2_000),
      );
    }
    return output;
  } finally {
    clearTimeout(timer);
  }
}

/** Options of {@linkcode runProcess}. */
export interface RunOptions {
  /** The process is killed when it takes longer. */
  readonly timeoutMs: number;
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** A process took longer than its timeout and was killed. */
export class ProcessTimeoutError extends Error {
  override name = "ProcessTimeoutError";
}

function shortened(command: string, args: readonly string[]): string {
  return [command.replace(/.*[\\/]/, ""), ...args.slice(0, 3)].join(" ").slice(0, 120);
}

/**
 * Runs a process to its end and returns its standard output.
 *
 * @throws If it fails, with the end of its output, or if it takes too long.
 */
export async function runProcess(command: string, args: readonly string[], options: RunOptions): Promise<string> {
  const { timeoutMs, cwd, env = {} } = options;
  const child = new Deno.Command(command, {
    args: [...args],
    ...(cwd === undefined ? {} : { cwd }),
    // the user's own options for Node must not change what is measured
    env: { NO_COLOR: "1", NODE_OPTIONS: "", ...env },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    child.kill("SIGKILL");
  }, timeoutMs);
  try {
    const { success, code, stdout, stderr } = await child.output();
    const name = shortened(command, args);
    if (isLate) {
      throw new ProcessTimeoutError(
        `Cannot continue as "${name}" takes too long: current value of its timeout is ${timeoutMs} ms`,
      );
    }
    const output = new TextDecoder().decode(stdout);
    if (!success) {
      const shown = (output + new TextDecoder().decode(stderr)).slice(-2_000);
      throw new Error(`Cannot continue as "${name}" failed: current value of its exit code is ${code}\n${shown}`);
    }
    return output;
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Runs commands of the Deno that runs this program: there may be no `deno` on the PATH.
 *
 * @module
 */

/** The project's root, where every command runs. */
export const ROOT: URL = new URL("../../", import.meta.url);

/** Options of {@linkcode deno} and {@linkcode denoOrThrow}. */
export interface DenoOptions {
  readonly cwd?: string | URL;
  /** Whether standard output is returned instead of shown. Standard error is always shown. */
  readonly capture?: boolean;
  /** Environment variables besides those of this process. */
  readonly env?: Readonly<Record<string, string>>;
}

/** What a command returned. */
export interface DenoResult {
  readonly code: number;
  /** Empty unless it was captured. */
  readonly stdout: string;
}

/** Runs a `deno` command to its end. */
export async function deno(
  args: readonly string[],
  { cwd = ROOT, capture = false, env = {} }: DenoOptions = {},
): Promise<DenoResult> {
  const command = new Deno.Command(Deno.execPath(), {
    args: [...args],
    cwd,
    env,
    stdin: "null",
    stdout: capture ? "piped" : "inherit",
    stderr: "inherit",
  });
  const child = command.spawn();
  const stdout = capture ? await new Response(child.stdout).text() : "";
  return { code: (await child.status).code, stdout };
}

/** Runs a `deno` command that must succeed, and returns its captured output. */
export async function denoOrThrow(args: readonly string[], options: DenoOptions = {}): Promise<string> {
  const { code, stdout } = await deno(args, options);
  if (code !== 0) {
    throw new Error(`Cannot continue as "deno ${args[0]}" failed: current value of the exit code is ${code}`);
  }
  return stdout;
}

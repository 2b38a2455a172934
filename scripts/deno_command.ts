/** The project's root, where every command runs. */
export const ROOT: URL = new URL("../", import.meta.url);

interface Options {
  cwd?: string | URL;
  /** Whether the output is returned rather than shown. Errors are always shown. */
  capture?: boolean;
}

interface Result {
  code: number;
  stdout: string;
}

/** Runs a command of the Deno that runs this script: there may be none on the PATH. */
export async function deno(args: string[], { cwd = ROOT, capture = false }: Options = {}): Promise<Result> {
  const command = new Deno.Command(Deno.execPath(), {
    args,
    cwd,
    stdin: "null",
    stdout: capture ? "piped" : "inherit",
    stderr: "inherit",
  });
  const child = command.spawn();
  const stdout = capture ? await new Response(child.stdout).text() : "";
  return { code: (await child.status).code, stdout };
}

/** The same for a command that must succeed. Returns what it printed, if that is captured. */
export async function denoOrThrow(args: string[], options: Options = {}): Promise<string> {
  const { code, stdout } = await deno(args, options);
  if (code !== 0) {
    throw new Error(`Cannot go on as "deno ${args[0]}" failed: current value of its exit code is ${code}`);
  }
  return stdout;
}

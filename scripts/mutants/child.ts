/** What a command came to. */
export interface Ended {
  readonly code: number;
  /** Whether it was ended, as it took too long. */
  readonly isLate: boolean;
  /** Its standard output, then its errors. */
  readonly output: string;
}

/** Runs a Deno command in a folder, and ends it at a limit. */
export async function ended(folder: string, args: readonly string[], limitMs: number): Promise<Ended> {
  const child = new Deno.Command(Deno.execPath(), {
    args: [...args],
    cwd: folder,
    env: { NO_COLOR: "1" },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    child.kill("SIGKILL");
  }, limitMs);
  const { code, stdout, stderr } = await child.output();
  clearTimeout(timer);
  const [out, err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  return { code, isLate, output: `${out}${err}` };
}

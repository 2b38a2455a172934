import { addTally, newTally, type Tally } from "./tally.ts";

/** Which worlds. */
export interface Task {
  readonly from: number;
  readonly worlds: number;
  readonly jobs: number;
  /** Further arguments of the worlds. */
  readonly args: readonly string[];
  /** Whether to end with the first failure. */
  readonly first: boolean;
  /** Called now and then. */
  readonly progress: (tally: Tally) => void;
}

/** Lets worlds run, spread over processes. */
export async function runWorlds({ from, worlds, jobs, args, first, progress }: Task): Promise<Tally> {
  const tally = newTally();
  const children = Array.from({ length: Math.min(jobs, worlds) }, (_, index) => {
    const share = Math.floor((worlds - index + jobs - 1) / jobs);
    const script = new URL("./child.ts", import.meta.url).href;
    const told = ["--from", from + index, "--worlds", share, "--step", jobs].map(String);
    return new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--no-config", script, ...told, ...args],
      stdin: "null",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
  });
  const codes = await Promise.all(children.map(async (child) => {
    for await (const line of linesOf(child.stdout)) {
      addTally(tally, JSON.parse(line));
      progress(tally);
      if (first && tally.failures.length) children.forEach(kill);
    }
    return (await child.status).code;
  }));
  if (codes.some((code) => code !== 0) && !(first && tally.failures.length)) {
    throw new Error(`Cannot trust the worlds as a process failed: current value of the exit codes is ${codes}`);
  }
  return tally;
}

function kill(child: Deno.ChildProcess): void {
  try {
    child.kill("SIGKILL");
  } catch {
    // it has ended by itself
  }
}

async function* linesOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  let rest = "";
  for await (const text of stream.pipeThrough(new TextDecoderStream() as TransformStream<Uint8Array, string>)) {
    const lines = (rest + text).split("\n");
    rest = lines.pop()!;
    yield* lines.filter((line) => line);
  }
}

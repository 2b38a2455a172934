import { addTally, newTally, type Tally } from "./tally.ts";

/** Which simulations to run, and how. */
export interface PoolOptions {
  /** The first seed. */
  readonly from: number;
  /** How many simulations. */
  readonly runs: number;
  /** How many processes. */
  readonly jobs: number;
  /** Further arguments of the workers. */
  readonly args: readonly string[];
  /** Whether to end with the first failure. */
  readonly first: boolean;
  /** Called with the sums so far, now and then. */
  readonly onProgress: (tally: Tally) => void;
}

/** Runs simulations in several processes and returns their sums. */
export async function runSimulations({ from, runs, jobs, args, first, onProgress }: PoolOptions): Promise<Tally> {
  const tally = newTally();
  const workers = Array.from({ length: Math.min(jobs, runs) }, (_, index) => {
    const share = Math.floor((runs - index + jobs - 1) / jobs);
    return spawnWorker(["--from", from + index, "--runs", share, "--step", jobs].map(String).concat(args));
  });
  const codes = await Promise.all(workers.map(async (worker) => {
    for await (const line of linesOf(worker.stdout)) {
      addTally(tally, JSON.parse(line));
      onProgress(tally);
      if (first && tally.failures.length) workers.forEach(kill);
    }
    return (await worker.status).code;
  }));
  if (codes.some((code) => code !== 0) && !(first && tally.failures.length)) {
    throw new Error(`Cannot run the simulations as a process failed: current value of the exit codes is ${codes}`);
  }
  return tally;
}

function spawnWorker(args: readonly string[]): Deno.ChildProcess {
  const script = new URL("./worker.ts", import.meta.url).href;
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-config", script, ...args],
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
}

function kill(worker: Deno.ChildProcess): void {
  try {
    worker.kill("SIGKILL");
  } catch {
    // it has ended by itself
  }
}

async function* linesOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  let rest = "";
  for await (const text of stream.pipeThrough(new TextDecoderStream() as TransformStream<Uint8Array, string>)) {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    yield* lines.filter((line) => line);
  }
}

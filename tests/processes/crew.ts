/**
 * Replicas as processes that can be killed, paused, and told to stop; and their log.
 *
 * @module
 */
import { type Entry, LogFile } from "./log.ts";

/** Where the replicas' record is, as arguments of replica.ts. */
export type Place = readonly ["--kv" | "--gcs", string];

/** What the replicas run instead of replica.ts. */
export interface Program {
  readonly url: string;
  /** Further options of `deno run`. */
  readonly flags?: readonly string[];
}

const PROGRAM: Program = { url: import.meta.resolve("./replica.ts") };
/** What has not happened by then never will. */
const LIMIT_MS = 30_000;
const POLL_MS = 25;

/** Some replicas of one task. Being disposed of, it leaves no process behind. */
export class Crew implements AsyncDisposable {
  /** All that has happened, as far as it was read. */
  readonly entries: Entry[] = [];
  readonly #args: string[];
  readonly #log: LogFile;
  readonly #processes = new Map<number, Deno.ChildProcess>();
  /** Who has been killed or told to stop. */
  readonly #dismissed = new Set<number>();
  /** How many have ended by themselves, which none should. */
  #fallen = 0;

  constructor(logPath: string, rules: unknown, place: Place, { url, flags = [] }: Program = PROGRAM) {
    const options = ["--quiet", "--no-check", "--no-config", "--unstable-kv", "-A", ...flags];
    this.#args = ["run", ...options, url, logPath, JSON.stringify(rules), ...place];
    this.#log = new LogFile(logPath);
  }

  /** The processes that have not been dismissed. */
  get pids(): number[] {
    return [...this.#processes.keys()].filter((pid) => !this.#dismissed.has(pid));
  }

  /** How many have ended by themselves. */
  get fallen(): number {
    return this.#fallen;
  }

  /** Starts another replica, which may be given more arguments; answers with its process. */
  start(...more: string[]): number {
    const command = new Deno.Command(Deno.execPath(), {
      args: [...this.#args, ...more],
      stdin: "piped",
      stdout: "inherit",
      stderr: "inherit",
    });
    const process = command.spawn();
    this.#processes.set(process.pid, process);
    process.status.then(() => {
      this.#processes.delete(process.pid);
      if (!this.#dismissed.has(process.pid)) this.#fallen++;
    });
    return process.pid;
  }

  /** Ends a replica at once. */
  async kill(pid: number): Promise<void> {
    const process = this.#dismiss(pid);
    process.kill("SIGKILL");
    this.#log.write({ what: "killed" }, pid);
    await ended(process);
  }

  /** Lets nothing happen in a replica. */
  pause(pid: number): void {
    this.#log.write({ what: "paused" }, pid);
    this.#processes.get(pid)!.kill("SIGSTOP");
  }

  /** Lets a replica go on. */
  resume(pid: number): void {
    this.#processes.get(pid)!.kill("SIGCONT");
    this.#log.write({ what: "resumed" }, pid);
  }

  /** Tells a replica to stop; answers with its exit code. On Windows, where it can't be told, it is ended. */
  async stop(pid: number): Promise<number> {
    const process = this.#dismiss(pid);
    this.#log.write({ what: "stopped" }, pid);
    const limit = setTimeout(() => process.kill("SIGKILL"), LIMIT_MS);
    process.kill("SIGTERM");
    const code = await ended(process);
    clearTimeout(limit);
    return code;
  }

  /** Reads what has happened since it was last read. */
  async read(): Promise<readonly Entry[]> {
    this.entries.push(...await this.#log.read());
    return this.entries;
  }

  /** Resolves once the log says something; rejects if it never will. */
  async until(isSaid: (entries: readonly Entry[]) => boolean): Promise<void> {
    const giveUpMs = performance.now() + LIMIT_MS;
    while (!isSaid(await this.read())) {
      const isLate = performance.now() > giveUpMs;
      if (isLate || this.#fallen > 0) {
        const state = `${this.#fallen} replicas have ended by themselves`;
        throw new Error(`Cannot go on as nothing happens: current value after ${LIMIT_MS} ms is ${state}`);
      }
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const all = [...this.#processes.values()];
    for (const process of all) {
      this.#dismissed.add(process.pid);
      try {
        process.kill("SIGKILL");
      } catch {
        // it has ended by itself
      }
    }
    await Promise.all(all.map(ended));
    this.#log[Symbol.dispose]();
  }

  #dismiss(pid: number): Deno.ChildProcess {
    this.#dismissed.add(pid);
    return this.#processes.get(pid)!;
  }
}

async function ended(process: Deno.ChildProcess): Promise<number> {
  const { code } = await process.status;
  await process.stdin.close().catch(() => {});
  return code;
}

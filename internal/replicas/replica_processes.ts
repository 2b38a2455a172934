/**
 * Replicas as processes that can be killed, paused and stopped, and their log.
 *
 * @module
 */
import config from "../../deno.json" with { type: "json" };
import type { ChildCommand } from "../processes/child_process.ts";
import { ProcessPool } from "../processes/process_pool.ts";
import { type LogEntry, LogFile } from "./log.ts";
import type { StoreArguments } from "./open_store.ts";
import type { ReplicaSettings } from "./settings.ts";

/** A program that replicas run instead of replica.ts. */
export interface ReplicaProgram {
  readonly url: string;
  /** Further options of `deno run`. */
  readonly flags?: readonly string[];
}

const PROGRAM: ReplicaProgram = { url: import.meta.resolve("./replica.ts") };
/** What stores import. The configuration has packages that can't be fetched where JSR can't be reached. */
const IMPORT_MAP = `data:application/json,${
  encodeURIComponent(JSON.stringify({ imports: { aws4fetch: config.imports.aws4fetch } }))
}`;
const TIMEOUT_MS = 30_000;
const POLL_MS = 25;

/** Replicas of one task. Disposing of them kills those that are left. */
export class ReplicaProcesses implements AsyncDisposable {
  /** The entries of the log that were read. */
  readonly entries: LogEntry[] = [];
  readonly #args: readonly string[];
  readonly #log: LogFile;
  readonly #pool = new ProcessPool();

  constructor(
    logPath: string,
    settings: ReplicaSettings,
    store: StoreArguments,
    { url, flags = [] }: ReplicaProgram = PROGRAM,
  ) {
    const options = [
      "--quiet",
      "--no-check",
      "--no-config",
      `--import-map=${IMPORT_MAP}`,
      "--unstable-kv",
      "-A",
      ...flags,
    ];
    this.#args = ["run", ...options, url, logPath, JSON.stringify(settings), ...store];
    this.#log = new LogFile(logPath);
  }

  /** The ids of the processes that were neither killed nor stopped. */
  get pids(): number[] {
    return this.#pool.pids;
  }

  /** How many processes have exited by themselves. */
  get crashed(): number {
    return this.#pool.crashed;
  }

  /** Starts another replica, perhaps with further arguments, and returns its process id. */
  start(...args: string[]): number {
    const command: ChildCommand = {
      command: Deno.execPath(),
      args: [...this.#args, ...args],
      keepsStdinOpen: true,
      showsOutput: true,
    };
    return this.#pool.start(command);
  }

  /** Kills a replica. */
  async kill(pid: number): Promise<void> {
    const exit = this.#pool.end(pid, "SIGKILL");
    this.#log.write({ type: "killed" }, pid);
    await exit;
  }

  /** Suspends a replica. */
  pause(pid: number): void {
    this.#log.write({ type: "paused" }, pid);
    this.#pool.signal(pid, "SIGSTOP");
  }

  /** Continues a replica. */
  resume(pid: number): void {
    this.#pool.signal(pid, "SIGCONT");
    this.#log.write({ type: "resumed" }, pid);
  }

  /** Stops a replica and returns its exit code. On Windows, which has no SIGTERM, it is killed. */
  async stop(pid: number): Promise<number> {
    this.#log.write({ type: "stopped" }, pid);
    return (await this.#pool.end(pid, "SIGTERM", TIMEOUT_MS)).code;
  }

  /** Reads the log on and returns all its entries. */
  async read(): Promise<readonly LogEntry[]> {
    this.entries.push(...await this.#log.read());
    return this.entries;
  }

  /** Resolves once a condition holds for the log. Rejects if that takes too long or a replica crashes. */
  async until(holds: (entries: readonly LogEntry[]) => boolean): Promise<void> {
    const deadlineMs = performance.now() + TIMEOUT_MS;
    while (!holds(await this.read())) {
      if (performance.now() > deadlineMs || this.crashed > 0) {
        const state = `${this.crashed} replicas have crashed`;
        throw new Error(`Cannot continue as the log does not: current value within ${TIMEOUT_MS} ms is ${state}`);
      }
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#pool[Symbol.asyncDispose]();
    this.#log[Symbol.dispose]();
  }
}

/**
 * Several child processes, each known by its process id.
 *
 * @module
 */
import { type ChildCommand, ChildProcess, type Exit } from "./child_process.ts";

/** Child processes that are started and ended one by one. Disposing of the pool kills those that are left. */
export class ProcessPool implements AsyncDisposable {
  readonly #running = new Map<number, ChildProcess>();
  /** Processes that `end()` was called for. */
  readonly #ended = new Set<number>();
  #crashed = 0;

  /** The ids of the running processes that `end()` was not called for. */
  get pids(): number[] {
    return [...this.#running.keys()].filter((pid) => !this.#ended.has(pid));
  }

  /** How many processes exited without a call of `end()`. */
  get crashed(): number {
    return this.#crashed;
  }

  /** Starts a process and returns its id. */
  start(command: ChildCommand): number {
    const child = new ChildProcess(command);
    const { pid } = child;
    this.#running.set(pid, child);
    child.exited.then(() => {
      this.#running.delete(pid);
      if (!this.#ended.has(pid)) this.#crashed++;
    });
    return pid;
  }

  /** Sends a signal to a process. A process that has exited ignores it. */
  signal(pid: number, signal: Deno.Signal): void {
    this.#running.get(pid)?.signal(signal);
  }

  /** Ends a process with a signal, or with SIGKILL if it has not exited in time. */
  async end(pid: number, signal: Deno.Signal, timeoutMs?: number): Promise<Exit> {
    const child = this.#running.get(pid);
    if (!child) throw new Error(`Cannot end a process as it does not run: current value of its id is ${pid}`);
    this.#ended.add(pid);
    return await child.end(signal, timeoutMs);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#running.keys()].map((pid) => this.end(pid, "SIGKILL")));
  }
}

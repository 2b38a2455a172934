/**
 * Starts and ends the processes of the demo, prints their output, and collects their runs from it.
 */
import { openStore, type StoreName } from "./store.ts";

/** One execution of the task, as the task prints it. Times are milliseconds since 1970, all of one machine's clock. */
export interface Run {
  readonly term: number;
  readonly replica: Replica;
  readonly dueMs: number;
  readonly startedMs: number;
  /** When the task returned, or when its process was killed. */
  endedMs?: number;
}

/** A process that shares the task. */
export interface Replica {
  readonly name: string;
  readonly process: Deno.ChildProcess;
  /** Resolves when all of its output is printed. */
  readonly printed: Promise<unknown>;
  /** How it was ended. */
  endedBy?: string;
}

const ENTRY = new URL("child.ts", import.meta.url).href;
const STARTED = /^Hello World \(term (\d+), due (\S+), at (\S+)\)$/;
const ENDED = /^Goodbye \(term (\d+), at (\S+)\)$/;

/** The replicas of one task, on a database in a temporary folder. */
export class Processes implements AsyncDisposable {
  readonly replicas: Replica[] = [];
  /** In the order in which their output arrived. */
  readonly runs: Run[] = [];
  /** The store that the replicas share. */
  readonly store: StoreName;
  /** The file of its database. */
  readonly file: string;
  readonly #folder: string = Deno.makeTempDirSync({ prefix: "periodic_task_demo_" });
  readonly #createdMs: number = Date.now();
  readonly #waiting: (() => void)[] = [];
  /** Rejects when a replica ends by itself. */
  readonly #failure: PromiseWithResolvers<never> = Promise.withResolvers();

  constructor(store: StoreName) {
    this.store = store;
    this.file = `${this.#folder}/tasks.sqlite3`;
    // `until` rejects with it
    this.#failure.promise.catch(() => {});
  }

  /** Creates the database: of several processes that create it at the same moment, one may fail with "database is locked". */
  async createDatabase(): Promise<void> {
    using _ = await openStore(this.store, this.file);
  }

  /** Starts a replica with the Deno that runs this program: there may be none on the PATH. */
  start(name: string): void {
    const args = ["run", "--quiet", "--unstable-kv", "-A", ENTRY, this.store, this.file, `replica ${name}`];
    const command = new Deno.Command(Deno.execPath(), { args, stdin: "piped", stdout: "piped", stderr: "piped" });
    const process = command.spawn();
    const printed = Promise.all([process.stdout, process.stderr].map((stream) => this.#printLines(name, stream)));
    const replica: Replica = { name, process, printed };
    this.replicas.push(replica);
    process.status.then(({ code }) => {
      if (!replica.endedBy) this.#failure.reject(new Error(`replica ${name} ended by itself with exit code ${code}`));
    });
    this.print(`replica ${name} is process ${process.pid}`);
  }

  /** Resolves with the first truthy value that `find` returns; calls it after each line of output. */
  async until<T>(find: () => T | undefined): Promise<T> {
    for (;;) {
      const found = find();
      if (found) return found;
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#waiting.push(resolve);
      await Promise.race([promise, this.#failure.promise]);
    }
  }

  /** Ends a replica with a signal, and resolves when it has ended and all of its output is printed. */
  async end(replica: Replica, signal: Deno.Signal, endedBy: string): Promise<void> {
    replica.endedBy = endedBy;
    kill(replica, signal);
    await replica.process.status;
    await replica.printed;
  }

  /** Prints a line with the time and the name of its replica, or `---` for the demo itself. */
  print(line: string, from = "---"): void {
    const seconds = ((Date.now() - this.#createdMs) / 1_000).toFixed(1);
    console.log(`${seconds.padStart(5)} s  ${from.padEnd(3)}  ${line}`);
  }

  /** Kills the replicas that are left, and removes the folder. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.replicas.map((replica) => this.end(replica, "SIGKILL", replica.endedBy ?? "SIGKILL")));
    await Promise.all(this.replicas.map(({ process }) => process.stdin.close().catch(() => {})));
    await Deno.remove(this.#folder, { recursive: true });
  }

  async #printLines(name: string, stream: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<void> {
    let rest = "";
    for await (const chunk of stream.pipeThrough(new TextDecoderStream())) {
      const lines = (rest + chunk).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) this.#receive(name, line);
    }
  }

  #receive(name: string, line: string): void {
    this.print(line, name);
    const replica = this.replicas.find((replica) => replica.name === name);
    const [, startedTerm, due = "", started = ""] = STARTED.exec(line) ?? [];
    const [, endedTerm, ended = ""] = ENDED.exec(line) ?? [];
    if (replica && startedTerm) {
      this.runs.push({
        term: Number(startedTerm),
        replica,
        dueMs: Date.parse(due),
        startedMs: Date.parse(started),
      });
    }
    const run = this.runs.find((run) => run.replica === replica && run.term === Number(endedTerm));
    if (run) run.endedMs = Date.parse(ended);
    for (const wake of this.#waiting.splice(0)) wake();
  }
}

function kill({ process }: Replica, signal: Deno.Signal): void {
  try {
    process.kill(signal);
  } catch {
    // it has ended by itself
  }
}

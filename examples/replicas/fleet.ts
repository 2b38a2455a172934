/**
 * The processes of the demo: started, shown with all that they print, and ended.
 */

/** One execution of the task, as its body has told. Times are milliseconds since 1970, of one machine's clock. */
export interface Run {
  readonly term: number;
  readonly replica: Replica;
  readonly dueMs: number;
  readonly beganMs: number;
  /** When it returned, or when its process was killed. */
  endedMs?: number;
}

/** A process that takes part in the task. */
export interface Replica {
  readonly name: string;
  readonly process: Deno.ChildProcess;
  /** Resolves when all that it printed has been shown. */
  readonly shown: Promise<unknown>;
  /** How it was ended. */
  fate?: string;
}

const ENTRY = new URL("on_a_leash.ts", import.meta.url).href;
const BEGIN = /^Hello World \(term (\d+), due (\S+), at (\S+)\)$/;
const END = /^Goodbye \(term (\d+), at (\S+)\)$/;

/** Some replicas of one task, on a database in a folder of its own. Being disposed of, it leaves nothing behind. */
export class Fleet implements AsyncDisposable {
  readonly replicas: Replica[] = [];
  /** In the order in which they were told of. */
  readonly runs: Run[] = [];
  /** The database that the replicas share. */
  readonly file: string;
  readonly #folder: string = Deno.makeTempDirSync({ prefix: "periodic_task_demo_" });
  readonly #startedMs: number = Date.now();
  readonly #waiting: (() => void)[] = [];
  /** Rejects when a replica ends that was not told to. */
  readonly #fault: PromiseWithResolvers<never> = Promise.withResolvers();

  constructor() {
    this.file = `${this.#folder}/kv.sqlite3`;
    // whoever waits next is told
    this.#fault.promise.catch(() => {});
  }

  /** Makes the database: of several processes that do so at the same moment, one may fail, as it "is locked". */
  async makeDatabase(): Promise<void> {
    (await Deno.openKv(this.file)).close();
  }

  /** Starts a replica, by the Deno that runs this: there may be none on the PATH. */
  start(name: string): void {
    const args = ["run", "--quiet", "--unstable-kv", "-A", ENTRY, this.file];
    const command = new Deno.Command(Deno.execPath(), { args, stdin: "piped", stdout: "piped", stderr: "piped" });
    const process = command.spawn();
    const shown = Promise.all([process.stdout, process.stderr].map((stream) => this.#show(name, stream)));
    const replica: Replica = { name, process, shown };
    this.replicas.push(replica);
    process.status.then(({ code }) => {
      if (!replica.fate) this.#fault.reject(new Error(`replica ${name} has ended by itself, with exit code ${code}`));
    });
    this.say(`replica ${name} is process ${process.pid}`);
  }

  /** Resolves as soon as something holds that the replicas' output shows. */
  async until<T>(find: () => T | undefined): Promise<T> {
    for (;;) {
      const found = find();
      if (found) return found;
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#waiting.push(resolve);
      await Promise.race([promise, this.#fault.promise]);
    }
  }

  /** Ends a replica by a signal, and resolves when it has ended and all that it printed has been shown. */
  async end(replica: Replica, signal: Deno.Signal, fate: string): Promise<void> {
    replica.fate = fate;
    kill(replica, signal);
    await replica.process.status;
    await replica.shown;
  }

  /** Shows a line with the time and whose it is; the demo's own stand out. */
  say(line: string, from = "---"): void {
    const seconds = ((Date.now() - this.#startedMs) / 1_000).toFixed(1);
    console.log(`${seconds.padStart(5)} s  ${from.padEnd(3)}  ${line}`);
  }

  /** Kills what is left, and removes the folder. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.replicas.map((replica) => this.end(replica, "SIGKILL", replica.fate ?? "SIGKILL")));
    await Promise.all(this.replicas.map(({ process }) => process.stdin.close().catch(() => {})));
    await Deno.remove(this.#folder, { recursive: true });
  }

  async #show(name: string, stream: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<void> {
    let rest = "";
    for await (const chunk of stream.pipeThrough(new TextDecoderStream())) {
      const lines = (rest + chunk).split("\n");
      rest = lines.pop()!;
      for (const line of lines) this.#take(name, line);
    }
  }

  #take(name: string, line: string): void {
    this.say(line, name);
    const replica = this.replicas.find((replica) => replica.name === name)!;
    const [, begun, due = "", began = ""] = BEGIN.exec(line) ?? [];
    const [, done, ended = ""] = END.exec(line) ?? [];
    if (begun) this.runs.push({ term: Number(begun), replica, dueMs: Date.parse(due), beganMs: Date.parse(began) });
    const run = this.runs.find((run) => run.replica === replica && run.term === Number(done));
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

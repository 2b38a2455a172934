import { bundled, openWorkshop } from "../workshop.ts";
import type { Note, Order } from "./order.ts";

/** How long a process may take until its replicas are up. */
const READY_LIMIT_MS = 60_000;

/** How a process has ended. */
export interface End {
  readonly code: number;
  readonly signal: string | null;
  readonly atMs: number;
}

/** A process with replicas. It ends when this is disposed of, and with this process. */
export class ReplicaProcess implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #reading: Promise<unknown>;
  #isReady = Promise.withResolvers<void>();
  #errors = "";
  /** What it has told, in the order of time. */
  readonly notes: Note[] = [];
  /** How it has ended, if it has. */
  end: End | undefined;

  private constructor(child: Deno.ChildProcess) {
    this.#child = child;
    this.#reading = Promise.all([this.#listen(), this.#listenToErrors()]);
    child.status.then(({ code, signal }) => {
      this.end = { code, signal, atMs: Date.now() };
      this.#isReady.reject(new Error(`Cannot start replicas: current value of their errors is\n${this.#errors}`));
    });
    // it may end at any time, whoever waits for it
    this.#isReady.promise.catch(() => {});
  }

  /** Starts a process; `ready()` resolves when its replicas are up. */
  static async start(order: Order): Promise<ReplicaProcess> {
    const [{ node, folder }, path] = await Promise.all([openWorkshop(), bundled("replica.ts")]);
    return new ReplicaProcess(
      new Deno.Command(node, {
        args: [path, JSON.stringify(order)],
        cwd: folder,
        env: { NO_COLOR: "1", NODE_OPTIONS: "" },
        stdin: "piped",
        stdout: "piped",
        stderr: "piped",
      }).spawn(),
    );
  }

  get pid(): number {
    return this.#child.pid;
  }

  /** The end of what it has said of errors. */
  get errors(): string {
    return this.#errors;
  }

  /** Resolves when its replicas wait for what is due. */
  async ready(): Promise<void> {
    const late = new Error(`Cannot start replicas in time: current value is ${READY_LIMIT_MS} ms\n${this.#errors}`);
    const timer = setTimeout(() => this.#isReady.reject(late), READY_LIMIT_MS);
    try {
      await this.#isReady.promise;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Ends it without a word. */
  kill(): void {
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // it has ended by itself
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.kill();
    await this.#child.status;
    await this.#child.stdin.close().catch(() => {});
    await this.#reading;
  }

  async #listen(): Promise<void> {
    let rest = "";
    for await (const text of this.#child.stdout.pipeThrough(new TextDecoderStream())) {
      const lines = (rest + text).split("\n");
      rest = lines.pop() ?? "";
      // others print there, too
      for (const line of lines) if (line.startsWith('{"what":')) this.#take(JSON.parse(line));
    }
  }

  #take(note: Note): void {
    if (note.what === "ready") this.#isReady.resolve();
    this.notes.push(note);
  }

  async #listenToErrors(): Promise<void> {
    for await (const text of this.#child.stderr.pipeThrough(new TextDecoderStream())) {
      this.#errors = (this.#errors + text).slice(-2_000);
    }
  }
}

/** Starts processes, one after another as real ones would come up, and waits until all are ready. */
export async function startAll(orders: readonly Order[], scope: AsyncDisposableStack): Promise<ReplicaProcess[]> {
  const all: ReplicaProcess[] = [];
  for (const order of orders) {
    const replica = scope.use(await ReplicaProcess.start(order));
    all.push(replica);
    await replica.ready();
  }
  return all;
}

/** Resolves after some time. */
export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

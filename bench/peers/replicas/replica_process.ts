import { ChildProcess, type Exit } from "../../../internal/processes/child_process.ts";
import { bundledScript } from "../node_scripts.ts";
import { installedPackage } from "../package.ts";
import type { ReplicaEvent, ReplicaRequest } from "./protocol.ts";

/** How long the replicas of a process may take to start. */
const READY_TIMEOUT_MS = 60_000;
const SCRIPT = new URL("replica.ts", import.meta.url);

/** A process with replicas. Disposing of it kills the process. */
export class ReplicaProcess implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #ready = Promise.withResolvers<void>();
  /** The events of the process in the order of time. */
  readonly events: ReplicaEvent[] = [];

  private constructor(node: string, folder: string, script: string, request: ReplicaRequest) {
    this.#child = new ChildProcess({
      command: node,
      args: [script, JSON.stringify(request)],
      cwd: folder,
      env: { NO_COLOR: "1", NODE_OPTIONS: "" },
      keepsStdinOpen: true,
      onLine: (line) => this.#read(line),
    });
    this.#child.exited.then(() => this.#ready.reject(this.#startError("they exited")));
    // it may be killed before anyone waits for it
    this.#ready.promise.catch(() => {});
  }

  /** Starts a process; `ready()` resolves when its replicas are ready. */
  static async start(request: ReplicaRequest): Promise<ReplicaProcess> {
    const [{ node, folder }, script] = await Promise.all([installedPackage(), bundledScript(SCRIPT)]);
    return new ReplicaProcess(node, folder, script, request);
  }

  /** How the process exited; absent while it runs. */
  get exit(): Exit | undefined {
    return this.#child.exit;
  }

  /** The end of its standard error. */
  get errors(): string {
    return this.#child.lastOutput;
  }

  /** Resolves when its replicas wait for the next due time. */
  async ready(): Promise<void> {
    const timer = setTimeout(
      () => this.#ready.reject(this.#startError(`they took over ${READY_TIMEOUT_MS} ms`)),
      READY_TIMEOUT_MS,
    );
    try {
      await this.#ready.promise;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Kills the process. */
  kill(): void {
    this.#child.signal("SIGKILL");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#child[Symbol.asyncDispose]();
  }

  #startError(reason: string): Error {
    return new Error(`Cannot start replicas as ${reason}: current value of their errors is\n${this.errors}`);
  }

  #read(line: string): void {
    // packages may print lines of their own
    if (!line.startsWith('{"type":')) return;
    const event: ReplicaEvent = JSON.parse(line);
    if (event.type === "ready") this.#ready.resolve();
    this.events.push(event);
  }
}

/** Starts processes one after another and waits until all are ready. */
export async function startAll(
  requests: readonly ReplicaRequest[],
  scope: AsyncDisposableStack,
): Promise<ReplicaProcess[]> {
  const all: ReplicaProcess[] = [];
  for (const request of requests) {
    const replica = scope.use(await ReplicaProcess.start(request));
    all.push(replica);
    await replica.ready();
  }
  return all;
}

/** Resolves after some time. */
export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

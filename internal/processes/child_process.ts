/**
 * A child process: signals, lines of output, exit.
 *
 * @module
 */

/** What to start, and how. */
export interface ChildCommand {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** The user to run as; the current one if absent. */
  readonly user?: User;
  /**
   * Whether standard input stays open until the child exits. A child that reads it to its end notices when this process is
   * gone.
   */
  readonly keepsStdinOpen?: boolean;
  /** Whether signals go to all processes that the child has started, as for scripts that start another program. Not on Windows. */
  readonly isGroup?: boolean;
  /** Whether the output is shown here instead of read. */
  readonly showsOutput?: boolean;
  /** Called with each line of standard output. */
  readonly onLine?: (line: string) => void;
}

/** A user of this machine. */
export interface User {
  readonly uid: number;
  readonly gid: number;
}

/** How a process exited. */
export interface Exit {
  readonly code: number;
  readonly signal: string | null;
  readonly atMs: number;
}

const END_TIMEOUT_MS = 20_000;
const OUTPUT_LENGTH = 2_000;

/** A child process. Disposing of it kills it and waits for its exit. */
export class ChildProcess implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #isGroup: boolean;
  /** Resolves when the process has exited and its output is read. */
  readonly exited: Promise<Exit>;
  #exit: Exit | undefined;
  #lastOutput = "";

  constructor(command: ChildCommand) {
    const { keepsStdinOpen = false, showsOutput = false, onLine } = command;
    this.#isGroup = command.isGroup === true && Deno.build.os !== "windows";
    const output = showsOutput ? "inherit" : "piped";
    this.#child = new Deno.Command(command.command, {
      args: [...command.args],
      ...(command.cwd === undefined ? {} : { cwd: command.cwd }),
      ...(command.env === undefined ? {} : { env: { ...command.env } }),
      ...command.user,
      detached: this.#isGroup,
      stdin: keepsStdinOpen ? "piped" : "null",
      stdout: output,
      stderr: output,
    }).spawn();
    const { stdout, stderr } = showsOutput ? {} : this.#child;
    const reading = Promise.all([this.#read(stdout, onLine), this.#read(stderr)]);
    this.exited = this.#waitForExit(reading, keepsStdinOpen);
  }

  /** The process id. */
  get pid(): number {
    return this.#child.pid;
  }

  /** How the process exited; absent while it runs. */
  get exit(): Exit | undefined {
    return this.#exit;
  }

  /** The end of standard error, and of standard output if `onLine` is absent. */
  get lastOutput(): string {
    return this.#lastOutput;
  }

  /** Sends a signal. A process that has exited ignores it. */
  signal(signal: Deno.Signal): void {
    try {
      if (this.#isGroup) Deno.kill(-this.pid, signal);
      else this.#child.kill(signal);
    } catch {
      // it has exited
    }
  }

  /** Ends the process with a signal, or with SIGKILL if it has not exited in time. */
  async end(signal: Deno.Signal = "SIGTERM", timeoutMs: number = END_TIMEOUT_MS): Promise<Exit> {
    this.signal(signal);
    const timer = setTimeout(() => this.signal("SIGKILL"), timeoutMs);
    try {
      return await this.exited;
    } finally {
      clearTimeout(timer);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end("SIGKILL");
  }

  async #waitForExit(reading: Promise<unknown>, closesStdin: boolean): Promise<Exit> {
    const { code, signal } = await this.#child.status;
    const exit = this.#exit = { code, signal, atMs: Date.now() };
    if (closesStdin) await this.#child.stdin.close().catch(() => {});
    await reading;
    return exit;
  }

  async #read(
    stream: ReadableStream<Uint8Array<ArrayBuffer>> | undefined,
    onLine?: (line: string) => void,
  ): Promise<void> {
    if (!stream) return;
    if (onLine) {
      for await (const line of linesOf(stream)) onLine(line);
      return;
    }
    for await (const text of stream.pipeThrough(new TextDecoderStream())) {
      this.#lastOutput = (this.#lastOutput + text).slice(-OUTPUT_LENGTH);
    }
  }
}

/** Yields the complete lines of a stream. */
async function* linesOf(stream: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<string> {
  let rest = "";
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
}

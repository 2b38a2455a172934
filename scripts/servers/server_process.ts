/** How long a server may take until it serves, and to end. */
const LIMIT_MS = 20_000;
const POLL_MS = 50;
/** What is shown of a server's last words. */
const TAIL_LENGTH = 2_000;

/** Why there is no server, and what to do about it. */
export interface Missing {
  readonly reason: string;
}

/** How a server is started. */
export interface ServerCommand {
  /** What it is called in messages. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly port: number;
  /** The signal that tells it to end, without waiting for its clients. */
  readonly endsAt: "SIGTERM" | "SIGINT";
  /** Whom it runs as; as whoever runs this if absent. */
  readonly user?: User;
  /** Throws while it listens but doesn't serve yet. */
  readonly ask?: () => Promise<unknown>;
}

/** A user of this machine. */
export interface User {
  readonly uid: number;
  readonly gid: number;
}

/** A port of this machine that nobody listens on. */
export function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

/** The first folder of the PATH, or else of some others, that holds all of some programs. */
export async function findFolder(
  programs: readonly string[],
  others: readonly string[] = [],
): Promise<string | undefined> {
  const onPath = (Deno.env.get("PATH") ?? "").split(Deno.build.os === "windows" ? ";" : ":");
  const isThere = (path: string): Promise<boolean> => Deno.stat(path).then(({ isFile }) => isFile, () => false);
  for (const folder of [...onPath.filter((folder) => folder !== ""), ...others]) {
    const found = await Promise.all(programs.map((program) => isThere(`${folder}/${program}`)));
    if (found.every(Boolean)) return folder;
  }
  return undefined;
}

/** A server on loopback in a process of its own, which ends when this is disposed of. */
export class ServerProcess implements AsyncDisposable {
  readonly #command: ServerCommand;
  readonly #child: Deno.ChildProcess;
  readonly #output: Promise<unknown>;
  #tail = "";
  #hasEnded = false;

  private constructor(command: ServerCommand) {
    this.#command = command;
    this.#child = new Deno.Command(command.command, {
      args: [...command.args],
      ...command.user,
      // whoever it runs as may not look into the folder from which it was started
      cwd: command.user ? "/" : ".",
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.#child.status.then(() => this.#hasEnded = true);
    this.#output = Promise.all([this.#child.stdout, this.#child.stderr].map((stream) => this.#listen(stream)));
  }

  /** Starts a server and waits until it serves. */
  static async start(command: ServerCommand): Promise<ServerProcess> {
    const server = new ServerProcess(command);
    try {
      await server.#untilItServes();
    } catch (error) {
      await server[Symbol.asyncDispose]();
      throw error;
    }
    return server;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#kill(this.#command.endsAt);
    const timer = setTimeout(() => this.#kill("SIGKILL"), LIMIT_MS);
    await this.#child.status;
    clearTimeout(timer);
    await this.#output;
  }

  #kill(signal: Deno.Signal): void {
    try {
      this.#child.kill(signal);
    } catch {
      // it has ended by itself
    }
  }

  async #listen(stream: ReadableStream<Uint8Array>): Promise<void> {
    for await (const text of stream.pipeThrough(new TextDecoderStream())) {
      this.#tail = (this.#tail + text).slice(-TAIL_LENGTH);
    }
  }

  async #untilItServes(): Promise<void> {
    const { name, port, ask } = this.#command;
    const giveUpMs = performance.now() + LIMIT_MS;
    for (;;) {
      try {
        (await Deno.connect({ hostname: "127.0.0.1", port })).close();
        await ask?.();
        return;
      } catch {
        const hasTime = !this.#hasEnded && performance.now() < giveUpMs;
        if (!hasTime) throw new Error(`Cannot start ${name} as it does not serve: current value is\n${this.#tail}`);
      }
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }
}

/**
 * Starts servers on loopback in processes of their own.
 *
 * @module
 */
import { type ChildCommand, ChildProcess, type User } from "../processes/child_process.ts";

const START_TIMEOUT_MS = 20_000;
const POLL_MS = 50;

/** Why a server cannot be started, and what to do about it. */
export interface Missing {
  readonly reason: string;
}

/** How a server is started. */
export interface ServerCommand {
  /** The server's name in messages. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly port: number;
  /** The signal at which it exits without waiting for its clients. */
  readonly stopSignal: "SIGTERM" | "SIGINT" | "SIGKILL";
  /** The user to run as; the current one if absent. */
  readonly user?: User;
  /** Whether the command is a script that starts the server, so that its processes are signalled together. */
  readonly isScript?: boolean;
  /** Rejects as long as the server listens but does not serve yet. */
  readonly probe?: () => Promise<unknown>;
  /** How long the start may take; 20 seconds if absent. */
  readonly startTimeoutMs?: number;
}

/** Returns a port of this machine that is free now. */
export function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

/** Finds the first folder of the PATH, or else of some others, that holds all the given programs. */
export async function findFolder(
  programs: readonly string[],
  others: readonly string[] = [],
): Promise<string | undefined> {
  const onPath = (Deno.env.get("PATH") ?? "").split(Deno.build.os === "windows" ? ";" : ":");
  const isFile = (path: string): Promise<boolean> => Deno.stat(path).then(({ isFile }) => isFile, () => false);
  for (const folder of [...onPath.filter((folder) => folder !== ""), ...others]) {
    const found = await Promise.all(programs.map((program) => isFile(`${folder}/${program}`)));
    if (found.every(Boolean)) return folder;
  }
  return undefined;
}

/** A server on loopback in a process of its own. Disposing of it ends the server. */
export class ServerProcess implements AsyncDisposable {
  readonly #command: ServerCommand;
  readonly #child: ChildProcess;

  private constructor(command: ServerCommand) {
    this.#command = command;
    const { args, user, isScript = false } = command;
    const child: ChildCommand = {
      command: command.command,
      args,
      isGroup: isScript,
      // another user may have no access to the current folder
      cwd: user ? "/" : ".",
      ...(user ? { user } : {}),
    };
    this.#child = new ChildProcess(child);
  }

  /** Starts a server and waits until it serves. */
  static async start(command: ServerCommand): Promise<ServerProcess> {
    const server = new ServerProcess(command);
    try {
      await server.#ready();
    } catch (error) {
      await server[Symbol.asyncDispose]();
      throw error;
    }
    return server;
  }

  /** The process id. */
  get pid(): number {
    return this.#child.pid;
  }

  /** Sends a signal. A server that has ended ignores it. */
  signal(signal: Deno.Signal): void {
    this.#child.signal(signal);
  }

  /** Ends the server with SIGKILL, so that it can't save anything. Resolves when it has ended. */
  async crash(): Promise<void> {
    await this.#child.end("SIGKILL");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#child.end(this.#command.stopSignal);
  }

  async #ready(): Promise<void> {
    const { name, port, probe, startTimeoutMs = START_TIMEOUT_MS } = this.#command;
    const deadlineMs = performance.now() + startTimeoutMs;
    for (;;) {
      try {
        (await Deno.connect({ hostname: "127.0.0.1", port })).close();
        await probe?.();
        return;
      } catch (error) {
        const hasTime = !this.#child.exit && performance.now() < deadlineMs;
        if (!hasTime) {
          const output = this.#child.lastOutput;
          throw new Error(`Cannot start ${name} as it does not serve: current value of its output is\n${output}`, {
            cause: error,
          });
        }
      }
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }
}

/**
 * The surroundings of the command line: the terminal, signals, the clock, stores and child processes.
 *
 * @module
 */
import type { OpenedStore } from "../../stores/open.ts";
import type { Clock } from "../time/clock.ts";

/** A stream to which the command line writes. */
export interface CommandOutput {
  /** Whether the stream is a terminal. */
  readonly isTerminal: boolean;
  /** The size of the terminal at this moment; `undefined` if it is not known. */
  readonly size: { readonly columns: number; readonly rows: number } | undefined;
  /** Writes a text. */
  write(text: string): void;
}

/** A signal that asks the command line to end. */
export type EndSignal = "SIGINT" | "SIGTERM" | "SIGHUP";

/** What the command line listens to, by its name: a signal, a key that was pressed, a new size of the terminal, or the end of the reader. */
export interface CommandEvents {
  /** A signal that asks the command line to end. */
  readonly signal: EndSignal;
  /** The characters of the pressed keys. While somebody listens, the terminal passes them on at once and does not show them. */
  readonly key: string;
  /** The terminal has a new size. */
  readonly resize: undefined;
  /** The reader of standard output, such as `head`, has ended. */
  readonly closed: undefined;
}

/** The end of a child process: its exit code, or the signal that ended it. */
export interface ChildExit {
  /** The exit code; `null` if a signal ended the process. */
  readonly code: number | null;
  /** The name of the signal; `null` if the process exited by itself. */
  readonly signal: string | null;
}

/** A child process and its descendants in the same process group. */
export interface CommandChild {
  /** Resolves at the end of the process. Rejects if it could not be started. */
  readonly exited: Promise<ChildExit>;
  /** Sends a signal to the process and its descendants. Does nothing after their end. */
  kill(signal: EndSignal | "SIGKILL"): void;
  /** Sets the limits of the process anew. */
  limit(limits: ChildLimits): void;
}

/**
 * When a watchdog ends a child process and its descendants: the command line itself may be stopped, as by Ctrl-Z, or busy. Both times are
 * from now on, in milliseconds.
 */
export interface ChildLimits {
  /** The time until SIGTERM. */
  readonly termMs: number;
  /** The time until SIGKILL. */
  readonly killMs: number;
}

/** A child process to start. */
export interface ChildCommand {
  /** The program: a path, or a name that is looked up in `PATH`. */
  readonly program: string;
  /** Its arguments. No shell changes them. */
  readonly args: readonly string[];
  /** The environment variables beside those of the command line. */
  readonly env: Readonly<Record<string, string>>;
  /** How long the process and its descendants have between SIGTERM and SIGKILL if the command line is killed. In milliseconds. */
  readonly graceMs: number;
  /** The first limits of the process. */
  readonly limits: ChildLimits;
}

/** A server of the dashboard. */
export interface CommandServer {
  /** The port. */
  readonly port: number;
  /** Ends the server and its connections. */
  close(): Promise<void>;
}

/** The surroundings of the command line. Tests use their own. */
export interface CommandIo {
  /** Results. */
  readonly stdout: CommandOutput;
  /** Errors and the log of `run`. */
  readonly stderr: CommandOutput;
  /** The environment variables. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The clock. */
  readonly clock: Clock;
  /** The name of the user; `undefined` if it is not known. */
  readonly user: string | undefined;
  /** The name of this host. */
  readonly host: string;
  /** Opens a store by its URL. */
  openStore(url: string): Promise<OpenedStore>;
  /** Calls a listener until the returned function is called. */
  listen<Name extends keyof CommandEvents>(name: Name, listener: (event: CommandEvents[Name]) => void): () => void;
  /** Starts a child process with the standard output and the standard error of the command line. */
  start(command: ChildCommand): CommandChild;
  /** Serves HTTP. Rejects if the address cannot be used. */
  serve(
    fetch: (request: Request) => Response | Promise<Response>,
    address: { readonly host: string; readonly port: number },
  ): Promise<CommandServer>;
}

/**
 * The log that replicas and the program that disturbs them write together: one line of JSON for each event.
 *
 * @module
 */

/** An event. The process is the one that it happened to. */
export type LogEvent =
  /** The replica's scheduler has started. */
  | { readonly type: "joined" }
  /** The task was called for a run. */
  | { readonly type: "started"; readonly term: number; readonly scheduledMs: number }
  /** The task has returned, or its signal has aborted with a reason. */
  | { readonly type: "ended"; readonly term: number; readonly reason?: string }
  /** The task writes to a sink that all runs share, which refuses terms lower than the highest it has seen. */
  | { readonly type: "sink"; readonly term: number }
  /** A record is sent to the store. */
  | { readonly type: "sent"; readonly write: string; readonly record: SentRecord }
  /** The store has answered, or the call has failed. */
  | { readonly type: "answered"; readonly write: string; readonly answer: Answer; readonly sentMs: number }
  /** A read was slow or has failed. */
  | { readonly type: "read"; readonly failed: boolean; readonly sentMs: number }
  /** The scheduler has logged a warning or an error. */
  | { readonly type: "logged"; readonly message: string }
  /** No timer has fired since a moment. */
  | { readonly type: "stalled"; readonly sinceMs: number }
  /** The process was ended by SIGKILL, or asked to stop. */
  | { readonly type: "killed" | "stopped" }
  /** The process was suspended by SIGSTOP, and continued by SIGCONT. */
  | { readonly type: "paused" | "resumed" };

/** What a store did with a write: `failed` if that is unknown. */
export type Answer = "written" | "conflict" | "failed";

/** The fields of a sent record that the checks need. */
export interface SentRecord {
  readonly state: string;
  readonly term: number;
  readonly scheduledMs: number;
  readonly startedMs: number;
  readonly heartbeatMs?: number;
  /** Whether the record names no owner, as records do that give a claim back. */
  readonly hasNoOwner?: boolean;
}

/** A line of the log: what happened to which process, and when. */
export type LogEntry = LogEvent & { readonly pid: number; readonly atMs: number };

/** A log file to which any number of processes append lines. */
export class LogFile implements Disposable {
  readonly #path: string;
  readonly #file: Deno.FsFile;
  #readBytes = 0;

  constructor(path: string) {
    this.#path = path;
    this.#file = Deno.openSync(path, { append: true, create: true });
  }

  /** Appends a line before it returns. */
  write(event: LogEvent, pid: number = Deno.pid, atMs: number = Date.now()): void {
    this.#file.writeSync(new TextEncoder().encode(`${JSON.stringify({ atMs, pid, ...event })}\n`));
  }

  /** Reads the lines that are new since the last call. */
  async read(): Promise<LogEntry[]> {
    using file = await Deno.open(this.#path);
    await file.seek(this.#readBytes, Deno.SeekMode.Start);
    const text = await new Response(file.readable).text();
    // the last line may be incomplete
    const lines = text.slice(0, text.lastIndexOf("\n") + 1);
    this.#readBytes += new TextEncoder().encode(lines).length;
    return parseLog(lines);
  }

  [Symbol.dispose](): void {
    this.#file.close();
  }
}

/** Parses the lines of a log. */
export function parseLog(lines: string): LogEntry[] {
  return lines.split("\n").slice(0, -1).map((line): LogEntry => JSON.parse(line));
}

type EntryOf<Type> = LogEntry & { readonly type: Type };

/** Returns a test for entries of one type. */
export function isType<Type extends LogEntry["type"]>(type: Type): (entry: LogEntry) => entry is EntryOf<Type> {
  return (entry): entry is EntryOf<Type> => entry.type === type;
}

/**
 * The log that replicas and those who trouble them write together: a line of JSON for each thing that happened.
 *
 * @module
 */

/** What happened. The process is the one it happened to. */
export type Happening =
  /** The replica takes part from now on. */
  | { readonly what: "joined" }
  /** The body of a run was called. */
  | { readonly what: "began"; readonly term: number; readonly scheduledMs: number }
  /** It has returned, or its signal has aborted, with a reason. */
  | { readonly what: "ended"; readonly term: number; readonly reason?: string }
  /** It writes to a sink that all bodies share, which takes a term no lower than the highest it has seen. */
  | { readonly what: "sink"; readonly term: number }
  /** A record is sent to the store. */
  | { readonly what: "sends"; readonly write: string; readonly record: SentRecord }
  /** What the store answered, in words: `written`, `conflict`, or `failed`. */
  | { readonly what: "answered"; readonly write: string; readonly answer: Answer; readonly sentMs: number }
  /** A read was slow, or has failed. */
  | { readonly what: "read"; readonly failed: boolean; readonly sentMs: number }
  /** The scheduler has warned of something, or logged a failure. */
  | { readonly what: "says"; readonly message: string }
  /** No timer could fire since a moment. */
  | { readonly what: "stalled"; readonly sinceMs: number }
  /** The process was ended by SIGKILL, or told to stop. */
  | { readonly what: "killed" | "stopped" }
  /** It was stopped and continued, by SIGSTOP and SIGCONT. */
  | { readonly what: "paused" | "resumed" };

/** What the store made of a write: `failed` if that is not known. */
export type Answer = "written" | "conflict" | "failed";

/** What counts of a record that is sent. */
export interface SentRecord {
  readonly state: string;
  readonly term: number;
  readonly scheduledMs: number;
  readonly startedMs: number;
  readonly heartbeatMs?: number;
  /** Whether it names nobody as the one who holds it, as records do that are given back. */
  readonly isFree?: boolean;
}

/** A line of the log: what happened, to which process, when. */
export type Entry = Happening & { readonly pid: number; readonly atMs: number };

/** A log in a file to which any number of processes append, each line at once. */
export class LogFile implements Disposable {
  readonly #path: string;
  readonly #file: Deno.FsFile;
  #readBytes = 0;

  constructor(path: string) {
    this.#path = path;
    this.#file = Deno.openSync(path, { append: true, create: true });
  }

  /** Writes a line, before it returns. */
  write(happening: Happening, pid: number = Deno.pid, atMs: number = Date.now()): void {
    this.#file.writeSync(new TextEncoder().encode(`${JSON.stringify({ atMs, pid, ...happening })}\n`));
  }

  /** Reads the lines that are new since it was last called. */
  async read(): Promise<Entry[]> {
    using file = await Deno.open(this.#path);
    await file.seek(this.#readBytes, Deno.SeekMode.Start);
    const text = await new Response(file.readable).text();
    // the last line may be in the making
    const lines = text.slice(0, text.lastIndexOf("\n") + 1);
    this.#readBytes += new TextEncoder().encode(lines).length;
    return lines.split("\n").slice(0, -1).map((line) => JSON.parse(line));
  }

  [Symbol.dispose](): void {
    this.#file.close();
  }
}

// The command line with the streams, the clock, the signals and the child processes of a test, in virtual time.

import { main } from "../../src/cli.ts";
import type {
  ChildCommand,
  ChildExit,
  ChildLimits,
  CommandChild,
  CommandEvents,
  CommandIo,
  CommandOutput,
  OpenedStore,
} from "../../src/cli.ts";
import { MemoryStore } from "../../mod.ts";
import { at, bytesOf } from "../helpers/records.ts";
import { VirtualTime } from "../helpers/virtual_time.ts";

/** The size of a terminal. */
export interface Size {
  columns: number;
  rows: number;
}

/** A stream that keeps what is written. */
export class Output implements CommandOutput {
  readonly isTerminal: boolean;
  size: Size | undefined;
  text = "";

  constructor(size?: Size) {
    this.isTerminal = size !== undefined;
    this.size = size;
  }

  write(text: string): void {
    this.text += text;
  }

  /** The lines, without the last line break. */
  get lines(): string[] {
    return this.text.replace(/\n$/, "").split("\n");
  }
}

/** A store in memory that counts how often it is closed, and can fail. */
export class TestStore extends MemoryStore implements OpenedStore {
  closed = 0;
  /** What each call throws; absent if the store works. */
  failure: Error | undefined;

  /** Puts a record, or any text, at a key. */
  async put(key: string, record: unknown): Promise<void> {
    const entry = await super.read(key);
    await super.write(key, bytesOf(record), entry?.version ?? null);
  }

  override async read(...args: Parameters<MemoryStore["read"]>): ReturnType<MemoryStore["read"]> {
    if (this.failure) throw this.failure;
    return await super.read(...args);
  }

  override async write(...args: Parameters<MemoryStore["write"]>): ReturnType<MemoryStore["write"]> {
    if (this.failure) throw this.failure;
    return await super.write(...args);
  }

  override async *list(...args: Parameters<MemoryStore["list"]>): AsyncGenerator<string, void, void> {
    if (this.failure) throw this.failure;
    yield* super.list(...args);
  }

  close(): Promise<void> {
    this.closed++;
    return Promise.resolve();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

/** A child process of a test, which ends when the test says so. */
export class TestChild implements CommandChild {
  readonly command: ChildCommand;
  readonly signals: string[] = [];
  /** The limits of its watchdog, the last one at the end. */
  readonly limits: ChildLimits[] = [];
  readonly #exit = Promise.withResolvers<ChildExit>();
  readonly exited: Promise<ChildExit> = this.#exit.promise;
  /** The signals that end it. */
  obeys: readonly string[] = ["SIGINT", "SIGTERM", "SIGHUP", "SIGKILL"];

  constructor(command: ChildCommand) {
    this.command = command;
    this.limits.push(command.limits);
  }

  kill(signal: string): void {
    this.signals.push(signal);
    if (this.obeys.includes(signal)) this.#exit.resolve({ code: null, signal });
  }

  limit(limits: ChildLimits): void {
    this.limits.push(limits);
  }

  exit(code: number): void {
    this.#exit.resolve({ code, signal: null });
  }

  fail(error: Error): void {
    this.#exit.reject(error);
  }
}

/** How a test differs from a command line without a terminal, whose store works. */
export interface SetupOptions {
  readonly size?: Size;
  readonly env?: Readonly<Record<string, string>>;
  readonly openStore?: (url: string) => Promise<OpenedStore>;
}

/** A command line, at noon. */
export class TestCommandLine {
  readonly virtual: VirtualTime = new VirtualTime(at(0));
  readonly store: TestStore = new TestStore();
  readonly stdout: Output;
  readonly stderr: Output = new Output();
  readonly children: TestChild[] = [];
  readonly urls: string[] = [];
  readonly io: CommandIo;
  /** Serves the last dashboard. */
  fetch: ((request: Request) => Response | Promise<Response>) | undefined;
  isServing = false;
  readonly #listeners = new Map<keyof CommandEvents, Set<(event: never) => void>>();

  constructor({ size, env = {}, openStore }: SetupOptions = {}) {
    this.stdout = new Output(size);
    this.io = {
      stdout: this.stdout,
      stderr: this.stderr,
      env: { NEAT_STORE: "memory:", ...env },
      clock: this.virtual.clock(),
      user: "ada",
      host: "web-1",
      openStore: openStore ?? ((url) => {
        this.urls.push(url);
        return Promise.resolve(this.store);
      }),
      listen: (name, listener) => this.#listen(name, listener),
      start: (command) => {
        const child = new TestChild(command);
        this.children.push(child);
        return child;
      },
      serve: (fetch, { port }) => {
        this.fetch = fetch;
        this.isServing = true;
        return Promise.resolve({ port: port || 4321, close: () => Promise.resolve(void (this.isServing = false)) });
      },
    };
  }

  /** Runs a command to its end. */
  async run(...args: string[]): Promise<number> {
    return await main(args, this.io);
  }

  /** The only child process that was started last. */
  get child(): TestChild {
    const child = this.children.at(-1);
    if (!child) throw new Error("Cannot use the child process as none was started: current value is undefined");
    return child;
  }

  /** The number of listeners. */
  get listeners(): number {
    return [...this.#listeners.values()].reduce((sum, { size }) => sum + size, 0);
  }

  emit<Name extends keyof CommandEvents>(name: Name, event: CommandEvents[Name]): void {
    for (const listener of [...this.#listeners.get(name) ?? []]) listener(event as never);
  }

  #listen(name: keyof CommandEvents, listener: (event: never) => void): () => void {
    const listeners = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, listeners.add(listener));
    return () => void listeners.delete(listener);
  }
}

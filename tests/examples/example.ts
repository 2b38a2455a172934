/**
 * Runs the programs in examples/ with the command that the comment at their top shows.
 */

import config from "../../deno.json" with { type: "json" };

/** The folder of the examples. */
export const EXAMPLES: URL = new URL("../../examples/", import.meta.url);

/** Deno.cron has no seconds, so its example waits for up to a minute. */
const LIMIT_MS = 90_000;

/** The bare names that examples and the package import. */
const NAMES = [
  "@agendajs/postgres-backend",
  "@hono/node-server",
  "@logtape/logtape",
  "@neat/periodic-task",
  "@neat/periodic-task/control",
  "@neat/periodic-task/cron",
  "@neat/periodic-task/health",
  "@neat/periodic-task/nestjs",
  "@neat/periodic-task/opentelemetry",
  "@neat/periodic-task/dashboard",
  "@neat/periodic-task/sharding",
  "@neat/periodic-task/stores/consul",
  "@neat/periodic-task/stores/datastore",
  "@neat/periodic-task/stores/deno-kv",
  "@neat/periodic-task/stores/etcd",
  "@neat/periodic-task/stores/firestore",
  "@neat/periodic-task/stores/gcs",
  "@neat/periodic-task/stores/mysql",
  "@neat/periodic-task/stores/nats",
  "@neat/periodic-task/stores/postgres",
  "@neat/periodic-task/stores/redis",
  "@neat/periodic-task/stores/s3",
  "@neat/periodic-task/stores/sqlite",
  "@neat/periodic-task/testing",
  "@nats-io/kv",
  "@nats-io/transport-node",
  "@nestjs/common",
  "@nestjs/core",
  "@nestjs/platform-express",
  "@nestjs/schedule",
  "@opentelemetry/api",
  "@opentelemetry/context-async-hooks",
  "@opentelemetry/exporter-prometheus",
  "@opentelemetry/sdk-metrics",
  "@opentelemetry/sdk-node",
  "@opentelemetry/sdk-trace",
  "@std/log",
  "agenda",
  "aws4fetch",
  "bullmq",
  "croner",
  "express",
  "fastify",
  "hono",
  "hono/basic-auth",
  "hono/body-limit",
  "hono/html",
  "ioredis",
  "mysql2/promise",
  "node-cron",
  "pg",
  "pg-boss",
  "pino",
  "winston",
];

/** The specifier that a bare name stands for: a package of npm, a package of JSR or what replaces it, or a file of the project. */
function targetOf(name: string): string {
  const found = Object.entries(config.imports).find(([bare]) => name === bare || name.startsWith(`${bare}/`));
  const imported = found && found[1] + name.slice(found[0].length);
  // resolved here, a package of npm may be a file of Deno's cache, from where it does not find its dependencies
  return imported?.startsWith("npm:") ? imported : import.meta.resolve(name);
}

/** Writes the import map with which programs find the package and the others that they import. */
export function writeImportMap(path: string): void {
  const imports = Object.fromEntries(NAMES.map((bare) => [bare, targetOf(bare)]));
  Deno.writeTextFileSync(path, JSON.stringify({ imports }));
}

/** How a program ended, and what it printed. */
export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The arguments of `deno` before the example's path, as its top comment shows them: `run` and the permissions. */
export async function documentedArgs(name: string): Promise<string[]> {
  const text = await Deno.readTextFile(new URL(name, EXAMPLES));
  const [comment = ""] = text.split("*/");
  const [, args] = new RegExp(`^ \\*   deno (run .*)examples/${name}`, "m").exec(comment) ?? [];
  if (args === undefined) {
    throw new Error(`Cannot run ${name} as its comment shows no command: current value is ${comment}`);
  }
  return args.trim().split(" ");
}

/** An example that is running. */
export class RunningExample implements AsyncDisposable {
  readonly #process: Deno.ChildProcess;
  readonly #importMap: string;
  readonly #outputs: Promise<[stdout: string, stderr: string]>;
  readonly #waiting = new Set<() => void>();
  #stdout = "";

  private constructor(process: Deno.ChildProcess, importMap: string) {
    this.#process = process;
    this.#importMap = importMap;
    this.#outputs = Promise.all([
      this.#read(process.stdout, (text) => this.#stdout += text),
      this.#read(process.stderr, () => {}),
    ]);
  }

  /** Starts an example as its comment says. */
  static async start(
    name: string,
    args: readonly string[] = [],
    env: Readonly<Record<string, string>> = {},
  ): Promise<RunningExample> {
    return this.startFile(new URL(name, EXAMPLES).href, await documentedArgs(name), args, env);
  }

  /** Starts a program that imports the package. */
  static startFile(
    file: string,
    [run = "run", ...permissions]: readonly string[] = [],
    args: readonly string[] = [],
    env: Readonly<Record<string, string>> = {},
  ): RunningExample {
    // a file, as Deno accepts no data URL in a workspace
    const importMap = Deno.makeTempFileSync({ suffix: ".json" });
    writeImportMap(importMap);
    const command = new Deno.Command(Deno.execPath(), {
      args: [run, "--quiet", "--no-prompt", `--import-map=${importMap}`, ...permissions, file, ...args],
      env: { NO_COLOR: "1", ...env },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
      signal: AbortSignal.timeout(LIMIT_MS),
    });
    return new RunningExample(command.spawn(), importMap);
  }

  /** What it has printed up to now. */
  get stdout(): string {
    return this.#stdout;
  }

  /** Resolves when what it has printed matches; rejects when it ends without. */
  async printed(pattern: RegExp): Promise<RegExpExecArray> {
    let hasEnded = false;
    const ended = this.#outputs.then(() => hasEnded = true);
    for (;;) {
      const match = pattern.exec(this.#stdout);
      if (match) return match;
      if (hasEnded) {
        const { stdout, stderr } = await this.ended();
        throw new Error(
          `Cannot find ${pattern} as the example ended: current value of its output is ${stdout}${stderr}`,
        );
      }
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#waiting.add(resolve);
      await Promise.race([promise, ended]);
    }
  }

  /** Sends a signal. */
  signal(name: Deno.Signal): void {
    this.#process.kill(name);
  }

  /** Resolves when it has ended. */
  async ended(): Promise<Ended> {
    const [stdout, stderr] = await this.#outputs;
    const { code } = await this.#process.status;
    return { code, stdout, stderr };
  }

  /** Ends it, if it has not ended. */
  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.signal("SIGKILL");
    } catch {
      // it has ended
    }
    await this.ended();
    await Deno.remove(this.#importMap);
  }

  async #read(stream: ReadableStream<Uint8Array<ArrayBuffer>>, note: (text: string) => void): Promise<string> {
    let all = "";
    for await (const text of stream.pipeThrough(new TextDecoderStream())) {
      all += text;
      note(text);
      for (const wake of this.#waiting) wake();
      this.#waiting.clear();
    }
    return all;
  }
}

/** Runs an example that ends by itself. */
export async function runExample(name: string, args: readonly string[] = []): Promise<Ended> {
  await using example = await RunningExample.start(name, args);
  return await example.ended();
}

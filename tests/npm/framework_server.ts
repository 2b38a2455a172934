/** The servers of examples/frameworks on Node. */
import { assert, assertEquals } from "@std/assert";
import { type ChildCommand, ChildProcess } from "../../internal/processes/child_process.ts";

/** A server, and the start of what it answers. */
export interface FrameworkServer extends Pick<ChildCommand, "command" | "args" | "cwd" | "env"> {
  readonly answer: string;
  /** The lines that it prints beside those of the run. */
  readonly others: RegExp;
  /** Its exit code: 0 if absent. */
  readonly code?: number;
}

const START = '### [START] neat-periodic-task: "clean-up"';
const FINISHED = '### [FINISHED] neat-periodic-task: "clean-up"';

/** Asserts that a server answers, also a health check, and that it finishes the run in progress at SIGTERM before it exits. */
export async function assertFinishesRun(
  { answer, others, code: expected = 0, ...command }: FrameworkServer,
): Promise<void> {
  const lines: string[] = [];
  const listens = Promise.withResolvers<string>();
  const runs = Promise.withResolvers<void>();
  const onLine = (line: string): void => {
    lines.push(line);
    const [url] = /http:\/\/127\.0\.0\.1:\d+/.exec(line) ?? [];
    if (url !== undefined) listens.resolve(url);
    if (line === "Cleaning up") runs.resolve();
  };
  const env = { NO_COLOR: "1", NODE_OPTIONS: "", PORT: "0", ...command.env };
  await using server = new ChildProcess({ ...command, env, onLine });
  const { exited } = server;
  const url = await Promise.race([listens.promise, exited.then(() => undefined)]);
  assert(url !== undefined, `${lines.join("\n")}\n${server.lastOutput}`);
  await Promise.race([runs.promise, exited]);
  const text = await (await fetch(url)).text();
  assert(text.includes(answer), text);
  const check = await fetch(`${url}/health`);
  const { status, tasks } = await check.json();
  assertEquals([check.status, status, tasks[0].reason], [200, "healthy", "running"]);
  const { code } = await server.end("SIGTERM");
  const own = lines.filter((line) => !others.test(line)).map((line) => line.replace(/^.*(?=### \[)/, ""));
  assertEquals([code, ...own], [expected, START, "Cleaning up", "Cleaned up", FINISHED], server.lastOutput);
}

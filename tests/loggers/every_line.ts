import { FakeTime } from "@std/testing/time";
import { type Logger, NeatPeriodicTaskScheduler } from "../../mod.ts";

/** Names that loggers which format, interpolate or quote might not take literally. */
export const NAMES: readonly string[] = ["backup", '100%s %d %% {x} {{y}} {*} ${z} "quoted" \\n `a` 🎉'];

/** A line that a scheduler logs, and the error that comes with it. */
export interface Line {
  readonly level: string;
  readonly message: string;
  readonly error?: unknown;
}

/** What {@linkcode logEveryLine} has a scheduler of this name log, to the letter. */
export function everyLine(name: string): Line[] {
  return [
    { level: "info", message: `### [START] neat-periodic-task: "${name}"` },
    { level: "info", message: `### [FINISHED] neat-periodic-task: "${name}"` },
    { level: "info", message: `### [ALIVE] neat-periodic-task: "${name}"` },
    { level: "info", message: `### [START] neat-periodic-task: "${name}"` },
    { level: "error", message: `### [FAILED] neat-periodic-task: "${name}"` },
    { level: "info", message: `### [START] neat-periodic-task: "${name}"` },
    { level: "error", message: `### [FAILED] neat-periodic-task: "${name}", timeout exceeded!` },
  ];
}

/**
 * Lets a task finish, stay alive, fail and time out, in faked time.
 *
 * @param name The task's name.
 * @param log Where to; `undefined` is the default.
 * @param fail What the task does to fail.
 * @returns How many times the task was called.
 */
export async function logEveryLine(
  name: string,
  log: Logger | undefined,
  fail: () => unknown = noLuck,
): Promise<number> {
  using time = new FakeTime();
  let runs = 0;
  await using scheduler = new NeatPeriodicTaskScheduler({
    name,
    interval: { seconds: 60 },
    timeout: { seconds: 5 },
    retryDelay: { seconds: 20 },
    log,
    task: ({ signal }) => {
      runs++;
      if (runs === 2) return fail();
      if (runs === 3) return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
    },
  });
  scheduler.start();
  // finishes at 0, is alive at 30, fails at 60, begins again at 80 and times out at 85
  for (let seconds = 0; seconds < 90; seconds += 5) await time.tickAsync(5_000);
  await time.runMicrotasks();
  return runs;
}

function noLuck(): never {
  throw new Error("no luck");
}

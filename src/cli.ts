/**
 * The command line: shows and controls the tasks in a store, checks the store, and runs any program as a task among replicas.
 *
 * ```sh
 * npx neat-periodic-task list --store sqlite:./tasks.db
 * deno run -A jsr:@neat/periodic-task/cli list --store sqlite:./tasks.db
 * ```
 *
 * {@linkcode main} runs a command with the streams, the clock and the stores of a test, or with those of the process.
 *
 * @module
 */
import process from "node:process";
import { setTimeout } from "node:timers";
import type { CommandIo } from "./cli/io.ts";
import { runCommand } from "./cli/main.ts";
import { processIo } from "./cli/process_io.ts";

export type {
  ChildCommand,
  ChildExit,
  ChildLimits,
  CommandChild,
  CommandEvents,
  CommandIo,
  CommandOutput,
  CommandServer,
  EndSignal,
} from "./cli/io.ts";
export type { OpenedStore } from "../stores/open.ts";
export type { StatusEntry, StatusStore, StoreCallOptions } from "./store/store.ts";
export type { Clock } from "./time/clock.ts";

/**
 * Runs a command.
 *
 * | exit code | meaning |
 * | --- | --- |
 * | 0 | The command did what it was asked for. |
 * | 1 | A problem was found, or a run failed. |
 * | 2 | The arguments are wrong. |
 * | 3 | The store cannot be opened, does not answer, or has not confirmed a change. |
 * | 4 | The store has no record of the task. |
 * | 5 | A run is in progress that the change would harm. |
 *
 * @param args The arguments, without the program's name.
 * @param io The surroundings.
 * @returns The exit code. Never rejects.
 *
 * @example Show the version
 * ```ts
 * import { main } from "@neat/periodic-task/cli";
 *
 * console.assert(await main(["version"]) === 0);
 * ```
 */
export async function main(args: readonly string[], io: CommandIo = processIo()): Promise<number> {
  return await runCommand(args, io);
}

/** How long drivers may keep the process alive after the end of a command, in milliseconds. */
const LINGER_MS = 1_000;

/**
 * Runs a command with the arguments of the process, and sets the exit code of the process.
 *
 * @example The file that npm installs as `neat-periodic-task`
 * ```ts ignore
 * import { runMain } from "@neat/periodic-task/cli";
 *
 * await runMain();
 * ```
 */
export async function runMain(): Promise<void> {
  process.exitCode = await main(process.argv.slice(2));
  // an attempt to connect may go on for long
  setTimeout(() => process.exit(), LINGER_MS).unref();
}

if (import.meta.main) runMain();

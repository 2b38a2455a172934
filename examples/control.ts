/**
 * How do I list, run, pause and resume the tasks of servers from a command line?
 *
 * Opens the store that the servers share. Start `examples/deno_kv.ts` in another terminal and in the same folder.
 *
 *   deno run --unstable-kv --allow-read --allow-write --allow-env=USER examples/control.ts list [--file PATH]
 *
 * The other commands are `request NAME`, `pause NAME` and `resume NAME`.
 */
import {
  type ChangeResult,
  type ListedTask,
  listTasks,
  pauseTask,
  requestRun,
  resumeTask,
  TaskRunningError,
  UnconfirmedChangeError,
  UnknownTaskError,
} from "@neat/periodic-task/control";
import { DenoKvStore } from "@neat/periodic-task/stores/deno-kv";
import { parseArgs } from "node:util";

const { values: { file }, positionals: [command = "", name] } = parseArgs({
  allowPositionals: true,
  options: { file: { type: "string", default: "hello_world.sqlite3" } },
});

using kv = await Deno.openKv(file);
const store = new DenoKvStore({ kv });
const by = Deno.env.get("USER") || "the command line";

const changes: Readonly<Record<string, (name: string) => Promise<ChangeResult<string>>>> = {
  request: (name) => requestRun(store, name, { by }),
  pause: (name) => pauseTask(store, name, { by, reason: "examples/control.ts" }),
  resume: (name) => resumeTask(store, name),
};

const change = Object.hasOwn(changes, command) ? changes[command] : undefined;
if (command === "list") await printTasks();
else if (change && name !== undefined) await printChange(change, name);
else {
  console.error("Usage: control.ts list | request NAME | pause NAME | resume NAME");
  Deno.exitCode = 2;
}

async function printTasks(): Promise<void> {
  for await (const task of listTasks(store)) console.log(`${task.name.padEnd(20)} ${lineOf(task)}`);
}

function lineOf(task: ListedTask): string {
  if (task.kind !== "task") return `${task.kind}: ${task.description}`;
  const { state, paused, pausedBy = "somebody", pauseReason, requested, requestedBy = "somebody", instance } =
    task.status;
  return [
    state,
    ...paused ? [`paused by ${pausedBy} since ${paused.toISOString()}: ${pauseReason ?? "no reason given"}`] : [],
    ...requested ? [`requested by ${requestedBy} at ${requested.toISOString()}`] : [],
    ...instance === undefined ? [] : [`last on ${instance}`],
  ].join("  ");
}

async function printChange(change: (name: string) => Promise<ChangeResult<string>>, name: string): Promise<void> {
  try {
    const { outcome } = await change(name);
    console.log(`${name}: ${outcome}`);
  } catch (error) {
    if (!isExpected(error)) throw error;
    console.error(error.message);
    Deno.exitCode = 1;
  }
}

/** Whether an error says all that a person needs, without a stack: a wrong name, a bad moment, or a store that does not answer. */
function isExpected(error: unknown): error is Error {
  return [UnknownTaskError, TaskRunningError, UnconfirmedChangeError].some((type) => error instanceof type);
}

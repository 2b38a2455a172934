/**
 * The commands that change the record of a task: `request`, `pause`, `resume` and `reset`.
 *
 * @module
 */
import { pauseTask, resumeTask } from "../../control/pause_task.ts";
import { requestRun } from "../../control/request_run.ts";
import { resetTask } from "../../control/reset_task.ts";
import type { ChangeTaskOptions } from "../../control/options.ts";
import type { ChangeResult } from "../../control/task_change.ts";
import type { StatusStore } from "../../store/store.ts";
import { type Command, type Invocation, type OptionSpecs, printLine, STORE_OPTION } from "../command.ts";
import { parseDuration } from "../duration_text.ts";
import { EXIT } from "../exit_code.ts";
import { withStore } from "../store_access.ts";
import { safeJson, safeText } from "../terminal_text.ts";

const CHANGE_OPTIONS: OptionSpecs = {
  ...STORE_OPTION,
  "dart-timeout": { value: "DURATION", help: "the timeout of replicas of Dart's neat_periodic_task" },
};

const BY: OptionSpecs = { by: { value: "NAME", help: "who does this (default: user@host)" } };

const CREATE: OptionSpecs = { create: { help: "create the record of a task that has never run" } };

/** The sentence about each outcome, after the name of the task. */
const SENTENCES: Readonly<Record<string, string>> = {
  "requested": "a run is requested; a replica starts it",
  "already-requested": "a run was already requested",
  "paused": "is paused; a run in progress goes on; replicas see it",
  "already-paused": "was already paused",
  "resumed": "is resumed; replicas see it",
  "not-paused": "was not paused",
  "reset": "is reset; its history is removed",
  "already-reset": "has no history",
};

/** The outcomes that replicas see later. */
const WAITING = ["requested", "paused", "resumed"];

const WITH_HINTS = " within about a second";

/** The defaults of `run --check-every` and of `maxCycle`. */
const WITHOUT_HINTS = ' at the next check: within 1m with "run", within maxCycle (3h by default) in a server';

/** Requests a run. */
export const REQUEST: Command = changeCommand(
  "request",
  "request a run now, by one of the replicas",
  { ...BY, ...CREATE },
  (store, name, options, { flags }) => requestRun(store, name, { ...options, create: flags.has("create") }),
);

/** Pauses a task. */
export const PAUSE: Command = changeCommand(
  "pause",
  "keep all replicas from starting runs",
  { ...BY, reason: { value: "TEXT", help: "the reason of the pause" }, ...CREATE },
  (store, name, options, { flags, values }) =>
    pauseTask(store, name, { ...options, reason: values["reason"], create: flags.has("create") }),
);

/** Resumes a task. */
export const RESUME: Command = changeCommand(
  "resume",
  "allow runs again",
  {},
  (store, name, { by: _, ...options }) => resumeTask(store, name, options),
);

/** Removes the history of a task. */
export const RESET: Command = changeCommand(
  "reset",
  "remove the history of a task, as if it had never run",
  {},
  (store, name, { by: _, ...options }) => resetTask(store, name, options),
);

type Change = (
  store: StatusStore,
  name: string,
  options: ChangeTaskOptions & { readonly by: string },
  invocation: Invocation,
) => Promise<ChangeResult<string>>;

function changeCommand(name: string, summary: string, options: OptionSpecs, change: Change): Command {
  return {
    name,
    summary,
    positionals: ["NAME"],
    takesTask: true,
    options: { ...CHANGE_OPTIONS, ...options },
    run: async (invocation) => await makeChange(invocation, change),
  };
}

async function makeChange(invocation: Invocation, change: Change): Promise<number> {
  const { io, isJson, values, command, positionals: [task = ""] } = invocation;
  const dartTimeout = values["dart-timeout"];
  const options = {
    clock: io.clock,
    by: values["by"] ?? `${io.user ?? "somebody"}@${io.host}`.slice(0, 100),
    ...(dartTimeout === undefined ? {} : { dartTimeout: parseDuration(dartTimeout, "dart-timeout", command.name) }),
  };
  return await withStore(invocation, async ({ store }) => {
    const { outcome, status } = await change(store, task, options, invocation);
    if (isJson) printLine(invocation, safeJson({ name: task, outcome, status }, 2));
    else {
      const wait = WAITING.includes(outcome) ? store.watch ? WITH_HINTS : WITHOUT_HINTS : "";
      printLine(invocation, `${safeText(task)}: ${SENTENCES[outcome] ?? outcome}${wait}`);
    }
    return EXIT.ok;
  });
}

/**
 * The command `show`.
 *
 * @module
 */
import { UnknownTaskError } from "../../control/errors.ts";
import { nearestTask } from "../../control/nearest_task.ts";
import { checkTask } from "../../control/options.ts";
import { storeSource } from "../../monitoring/task_source.ts";
import type { WatchedTask } from "../../monitoring/watched_task.ts";
import type { TaskStatus } from "../../results.ts";
import { type Command, printLine, STORE_OPTION } from "../command.ts";
import { relativeTime, shortDuration } from "../duration_text.ts";
import { EXIT } from "../exit_code.ts";
import { storeErrorOf, withStore } from "../store_access.ts";
import type { Style } from "../style.ts";
import { conditionStyle, runStyle, taskJson, withoutSecrets } from "../task_view.ts";
import { padTo, safeJson, safeText } from "../terminal_text.ts";

/** Shows a task. */
export const SHOW: Command = {
  name: "show",
  summary: "show a task and its last runs",
  positionals: ["NAME"],
  takesTask: true,
  options: STORE_OPTION,
  run: async (invocation) => {
    const { io, isJson, style, positionals: [name = ""] } = invocation;
    return await withStore(invocation, async ({ store, redact }) => {
      const doing = "show the task";
      checkTask(store, name, doing);
      const found = await storeSource(store, { clock: io.clock }).read(name);
      if (!found) {
        const settings = { clock: io.clock, signal: undefined };
        throw new UnknownTaskError(doing, name, await nearestTask(store, name, settings));
      }
      if (found.kind === "unreadable") throw storeErrorOf(found.error, redact);
      const task = withoutSecrets(found, redact);
      if (isJson) printLine(invocation, safeJson(taskJson(task), 2));
      else for (const line of taskLines(task, io.clock.nowMs(), style)) printLine(invocation, line);
      return EXIT.ok;
    });
  },
};

/** Returns the lines about a task. */
export function taskLines(task: WatchedTask, nowMs: number, style: Style): string[] {
  const { condition } = task;
  const field = (title: string, text: string): string => `  ${style(padTo(title, 11), "dim")} ${text}`;
  const lines = [
    style(safeText(task.name), "bold"),
    field("condition", `${style(condition.reason, conditionStyle(task))}: ${safeText(condition.message)}`),
  ];
  if (task.kind !== "task") return lines;
  const { status } = task;
  for (const [title, text] of fieldsOf(status, nowMs)) lines.push(field(title, text));
  if (status.recent.length > 0) lines.push("", style("  RUNS, THE NEWEST FIRST", "bold"));
  for (const run of status.recent.toReversed()) {
    const outcome = style(padTo(safeText(run.outcome), 9), runStyle(run));
    lines.push(`  ${run.start}  ${outcome}  ${shortDuration(run.length)}`);
  }
  return lines;
}

function fieldsOf(status: TaskStatus, nowMs: number): [title: string, text: string][] {
  const time = (date: Date): string => `${date.toISOString()} (${relativeTime(date, nowMs)})`;
  const by = (person: string | undefined): string => person === undefined ? "" : ` by ${safeText(person)}`;
  const { state, term, started, instance, scheduled, due, leaseEnd, heartbeat, finished, failures } = status;
  const { requested, requestedBy, paused, pausedBy, pauseReason } = status;
  const on = instance === undefined ? "" : ` on ${safeText(instance)}`;
  const reason = pauseReason === undefined ? "" : `: ${safeText(pauseReason)}`;
  const fields: [string, string | false | undefined][] = [
    ["state", state],
    ["next due", due && time(due)],
    ["paused", paused && `${time(paused)}${by(pausedBy)}${reason}`],
    ["requested", requested && `${time(requested)}${by(requestedBy)}`],
    ["last start", started && `${time(started)}${on}`],
    ["was due", scheduled && time(scheduled)],
    ["last end", finished && time(finished)],
    ["heartbeat", heartbeat && time(heartbeat)],
    ["lease until", leaseEnd && time(leaseEnd)],
    ["term", String(term)],
    ["failures", failures > 0 && `${failures} in a row`],
    ["error", status.error !== undefined && safeText(status.error)],
  ];
  return fields.filter((field): field is [string, string] => typeof field[1] === "string");
}

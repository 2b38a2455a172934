/**
 * The command `list`.
 *
 * @module
 */
import { bySeverity, type WatchedTask } from "../../monitoring/watched_task.ts";
import { storeSource } from "../../monitoring/task_source.ts";
import { UnknownTaskError } from "../../control/errors.ts";
import { nearestName } from "../../nearest_name.ts";
import { type Command, type Invocation, printLine, STORE_OPTION } from "../command.ts";
import { EXIT } from "../exit_code.ts";
import { withStore } from "../store_access.ts";
import { tableLines } from "../table.ts";
import { TASK_COLUMNS, taskCells, taskJson, withoutSecrets } from "../task_view.ts";
import { safeJson, safeText } from "../terminal_text.ts";

/** Lists the tasks. */
export const LIST: Command = {
  name: "list",
  summary: "list the tasks, those with problems first",
  positionals: ["[NAMES]"],
  takesMany: true,
  options: {
    ...STORE_OPTION,
    check: { help: "exit with 1 if a task is critical or has a warning" },
    names: { help: "print the names only, one on a line" },
  },
  run: async (invocation) => {
    const { io, isJson, flags, positionals: names } = invocation;
    return await withStore(invocation, async ({ store, redact }) => {
      const found = await storeSource(store, { clock: io.clock }).list();
      const missing = names.find((name) => !found.some((task) => task.name === name));
      if (missing !== undefined) {
        throw new UnknownTaskError("list the tasks", missing, nearestName(missing, found.map(({ name }) => name)));
      }
      const chosen = names.length === 0 ? found : found.filter(({ name }) => names.includes(name));
      const tasks = chosen.map((task) => withoutSecrets(task, redact)).sort(bySeverity);
      if (isJson) io.stdout.write(`${safeJson(tasks.map(taskJson), 2)}\n`);
      else if (flags.has("names")) { for (const { name } of tasks) printLine(invocation, safeText(name)); }
      else printTasks(invocation, tasks);
      const hasProblem = tasks.some(({ condition: { severity } }) => severity === "critical" || severity === "warning");
      return flags.has("check") && hasProblem ? EXIT.failed : EXIT.ok;
    });
  },
};

function printTasks(invocation: Invocation, tasks: readonly WatchedTask[]): void {
  const { io: { stdout, clock }, style } = invocation;
  if (tasks.length === 0) return printLine(invocation, "The store has no tasks.");
  const rows = tasks.map((task) => taskCells(task, clock.nowMs()));
  const width = stdout.size?.columns ?? Infinity;
  for (const line of tableLines(TASK_COLUMNS, rows, width, style)) printLine(invocation, line);
}

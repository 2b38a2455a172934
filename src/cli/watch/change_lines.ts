/**
 * Shows changes of tasks as lines, for files and other programs.
 *
 * @module
 */
import { conditionText, type WatchedTask } from "../../monitoring/watched_task.ts";
import type { Invocation } from "../command.ts";
import { conditionStyle, taskJson } from "../task_view.ts";
import { safeJson, safeText } from "../terminal_text.ts";
import { type TaskChange, TaskChanges } from "./changes.ts";
import type { TaskView } from "./view.ts";

/** Writes a line, of text or JSON, for each task that has changed. */
export class ChangeLines implements TaskView {
  readonly #invocation: Invocation;
  readonly #changes = new TaskChanges();
  #isFailing = false;

  constructor(invocation: Invocation) {
    this.#invocation = invocation;
  }

  show(tasks: readonly WatchedTask[]): void {
    const { io: { stdout, stderr, clock }, isJson } = this.#invocation;
    const time = new Date(clock.nowMs()).toISOString();
    if (this.#isFailing && !isJson) stderr.write(`${time}  the store answers again\n`);
    this.#isFailing = false;
    for (const change of this.#changes.next(tasks)) {
      const line = isJson ? safeJson({ time, ...jsonOf(change) }) : `${time}  ${this.#text(change)}`;
      stdout.write(`${line}\n`);
    }
  }

  fail(message: string): void {
    const { io: { stderr, stdout, clock }, isJson } = this.#invocation;
    const time = new Date(clock.nowMs()).toISOString();
    // once in each outage
    if (!this.#isFailing) {
      if (isJson) stdout.write(`${safeJson({ time, error: message })}\n`);
      else stderr.write(`${time}  ${safeText(message)}, trying again\n`);
    }
    this.#isFailing = true;
  }

  close(): void {}

  #text(change: TaskChange): string {
    const { style } = this.#invocation;
    if ("removed" in change) return `${safeText(change.removed)}  removed`;
    const { task } = change;
    const { condition } = task;
    return `${style(safeText(task.name), "bold")}  ${style(condition.reason, conditionStyle(task))}  ${
      safeText(conditionText(condition))
    }`;
  }
}

function jsonOf(change: TaskChange): Record<string, unknown> {
  return "removed" in change ? { name: change.removed, kind: "removed" } : taskJson(change.task);
}

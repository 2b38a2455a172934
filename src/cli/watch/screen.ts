/**
 * Shows tasks as a table that stays on the terminal and fits its size.
 *
 * @module
 */
import { bySeverity, type WatchedTask } from "../../monitoring/watched_task.ts";
import type { Invocation } from "../command.ts";
import { tableLines } from "../table.ts";
import { TASK_COLUMNS, taskCells } from "../task_view.ts";
import { cutTo, safeText } from "../terminal_text.ts";
import type { TaskView } from "./view.ts";

/** Shows the alternate screen, and hides the cursor. */
const ENTER = "\x1b[?1049h\x1b[?25l";

/** Shows the cursor and the screen as it was. */
const LEAVE = "\x1b[?25h\x1b[?1049l";

const HOME = "\x1b[H";
const CLEAR_LINE_END = "\x1b[K";
const CLEAR_SCREEN_END = "\x1b[J";

/** If the terminal does not say. */
const DEFAULT_SIZE = { columns: 80, rows: 24 };

/** Title, empty line and titles of the columns above the tasks; two lines below. */
const OTHER_ROWS = 5;

/** How often the times are drawn again, in milliseconds. */
const REDRAW_MS = 1_000;

/** A table on the alternate screen of the terminal. */
export class Screen implements TaskView {
  readonly #invocation: Invocation;
  readonly #address: string;
  readonly #stopResize: () => void;
  #tasks: readonly WatchedTask[] | undefined;
  #failure: string | undefined;
  #timer: unknown;

  constructor(invocation: Invocation, address: string) {
    this.#invocation = invocation;
    this.#address = address;
    invocation.io.stdout.write(ENTER);
    this.#stopResize = invocation.io.listen("resize", () => this.#draw());
    this.#draw();
    this.#redrawLater();
  }

  show(tasks: readonly WatchedTask[]): void {
    this.#tasks = [...tasks].sort(bySeverity);
    this.#failure = undefined;
    this.#draw();
  }

  fail(message: string): void {
    this.#failure = message;
    this.#draw();
  }

  close(): void {
    const { io: { stdout, clock } } = this.#invocation;
    this.#stopResize();
    clock.clearTimer(this.#timer);
    stdout.write(LEAVE);
  }

  #redrawLater(): void {
    this.#timer = this.#invocation.io.clock.setTimer(() => {
      this.#draw();
      this.#redrawLater();
    }, REDRAW_MS);
  }

  #draw(): void {
    const { stdout } = this.#invocation.io;
    const { columns, rows } = stdout.size ?? DEFAULT_SIZE;
    // the last column stays free, as terminals erase a character there with the rest of the line, and the last line has no break,
    // as they would scroll
    const lines = this.#lines(columns - 1, rows).slice(0, rows).map((line) => `${line}${CLEAR_LINE_END}`);
    stdout.write(`${HOME}${lines.join("\r\n")}${CLEAR_SCREEN_END}`);
  }

  #lines(columns: number, rows: number): string[] {
    const { style, io: { clock } } = this.#invocation;
    const time = new Date(clock.nowMs()).toISOString().replace(/\.\d+/, "");
    const lines = [style(cutTo(`${safeText(this.#address)}  ${time}  ${this.#summary()}`, columns), "bold"), ""];
    const tasks = this.#tasks ?? [];
    const shown = tasks.slice(0, Math.max(1, rows - OTHER_ROWS));
    if (tasks.length > 0) {
      lines.push(...tableLines(TASK_COLUMNS, shown.map((task) => taskCells(task, clock.nowMs())), columns, style));
    }
    const hidden = tasks.length - shown.length;
    if (this.#failure !== undefined) {
      lines.push("", style(cutTo(safeText(`${this.#failure}, trying again`), columns), "red"));
    } else lines.push("", style(cutTo(`${hidden > 0 ? `${hidden} more tasks; ` : ""}q to quit`, columns), "dim"));
    return lines;
  }

  #summary(): string {
    if (!this.#tasks) return "reading";
    const { length } = this.#tasks;
    const problems = this.#tasks.filter(({ condition: { severity } }) =>
      severity === "critical" || severity === "warning"
    );
    const tasks = `${length} task${length === 1 ? "" : "s"}`;
    return problems.length === 0 ? `${tasks}, no problems` : `${tasks}, ${problems.length} with problems`;
  }
}

/**
 * A world's history as text: a column a replica, a line an event.
 *
 * @module
 */
import type { RecordView } from "./record_view.ts";
import type { TraceEntry } from "./trace.ts";

/** What the marks in the columns mean. */
const LEGEND = [
  "time in s, step, a column a replica, the record (number, state, term), what happens",
  "columns:   not running  . idle  ? claiming  # in a run  x in an aborted run  = held up",
];

/** How a line of the trace changes its replica's column. */
const MARKS: Readonly<Record<string, string>> = {
  "starts": ".",
  "kill": " ",
  "run begins": "#",
  "run aborted": "x",
  "run ends": ".",
};

interface Column {
  mark: string;
  isHeldUp: boolean;
}

/** Writes the timeline. */
export function timelineOf(entries: readonly TraceEntry[], names: readonly string[], title: string): string {
  const columns: Column[] = names.map(() => ({ mark: " ", isHeldUp: false }));
  const indices = new Map<number, number>();
  const lines = [title, ...LEGEND];
  let record = "none";
  for (const entry of entries) {
    const { atMs, step, who, what, version, view } = entry;
    if (version !== undefined && view) record = recordText(version, view);
    const machine = who?.machine.index;
    if (machine !== undefined) {
      if (!indices.has(machine)) indices.set(machine, names.indexOf(who!.machine.name));
      change(columns[indices.get(machine)!], entry);
    }
    const chart = columns.map(({ mark, isHeldUp }) => isHeldUp ? "=" : mark).join(" ");
    const time = (atMs / 1_000).toFixed(3).padStart(12);
    const text = [who?.name ?? "  ", what === "record" ? "is written" : what, entry.detail ?? ""].join("  ").trimEnd();
    lines.push(`${time} ${String(step).padStart(6)}  ${chart}  ${record.padEnd(24)}  ${text}`);
  }
  return lines.join("\n");
}

function change(column: Column | undefined, { what, detail }: TraceEntry): void {
  if (!column) return;
  column.mark = what === "sends" && detail?.startsWith("claim") ? "?" : MARKS[what] ?? column.mark;
  if (what === "pause" || what === "suspend") column.isHeldUp = true;
  if (what === "resumed" || what === "kill") column.isHeldUp = false;
}

function recordText(version: number, { kind, state, term }: RecordView): string {
  return kind === "status" ? `#${version} ${state} ${term}` : `#${version} ${kind}`;
}

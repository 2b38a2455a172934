/**
 * The events of a simulation as text: a line for each event, a column for each replica.
 *
 * @module
 */
import type { RecordView } from "./record_view.ts";
import type { TraceEntry } from "./trace.ts";

/** What the columns mean. */
const LEGEND = [
  "time in s, step, a column for each replica, the record (number, state, term), what happens",
  "replicas:   not running  . idle  ? claiming  # in a run  x in an aborted run  = paused",
];

/** How an event changes the mark of its replica. */
const MARKS: Readonly<Record<string, string>> = {
  "starts": ".",
  "kill": " ",
  "run starts": "#",
  "run aborted": "x",
  "run ends": ".",
};

/** The state of a replica. */
interface Column {
  mark: string;
  isPaused: boolean;
}

/**
 * Writes a timeline.
 *
 * @param entries The events.
 * @param names The names of the machines, in the order of their columns.
 * @param title The first line.
 */
export function timelineOf(entries: readonly TraceEntry[], names: readonly string[], title: string): string {
  const columns = new Map<string, Column>(names.map((name) => [name, { mark: " ", isPaused: false }]));
  const lines = [title, ...LEGEND];
  let record = "none";
  for (const entry of entries) {
    const { atMs, step, process, what, detail = "", change } = entry;
    if (change) record = recordText(change.number, change.view);
    if (process) updateColumn(columns.get(process.machine.name), entry);
    const marks = [...columns.values()].map(({ mark, isPaused }) => isPaused ? "=" : mark).join(" ");
    const time = (atMs / 1_000).toFixed(3).padStart(12);
    const text = [process?.name ?? "  ", what === "record" ? "is written" : what, detail].join("  ").trimEnd();
    lines.push(`${time} ${String(step).padStart(6)}  ${marks}  ${record.padEnd(24)}  ${text}`);
  }
  return lines.join("\n");
}

function updateColumn(column: Column | undefined, { what, detail }: TraceEntry): void {
  if (!column) return;
  column.mark = what === "sends" && detail?.startsWith("claim") ? "?" : MARKS[what] ?? column.mark;
  if (what === "pause" || what === "suspend") column.isPaused = true;
  if (what === "resumed" || what === "kill") column.isPaused = false;
}

function recordText(number: number, { kind, state, term, pausedMs, requestedMs }: RecordView): string {
  if (kind !== "status") return `#${number} ${kind}`;
  return [`#${number} ${state} ${term}`, pausedMs && "paused", requestedMs && "requested"].filter(Boolean).join(" ");
}

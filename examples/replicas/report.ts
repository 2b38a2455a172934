/**
 * Sums up the demo: overlaps, and a table of the replicas.
 */
import type { Replica, Run } from "./processes.ts";

/** Finds the pairs of runs of which one started before the other ended. */
export function overlaps(runs: readonly Run[]): [Run, Run][] {
  const inOrder = runs.toSorted((one, other) => one.startedMs - other.startedMs);
  return inOrder.flatMap((run, index) =>
    inOrder.slice(index + 1)
      .filter(({ startedMs }) => startedMs < (run.endedMs ?? Infinity))
      .map((later): [Run, Run] => [run, later])
  );
}

/** Formats a table with a line for each replica. */
export function table(replicas: readonly Replica[], runs: readonly Run[]): string {
  const head = ["replica", "process", "runs", "terms", "ended by"];
  const rows = replicas.map((replica) => {
    const terms = runs.filter((run) => run.replica === replica).map(({ term }) => term);
    return [replica.name, `${replica.process.pid}`, `${terms.length}`, terms.join(" "), replica.endedBy ?? ""];
  });
  const lines = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  return lines.map((line) => line.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ").trimEnd()).join(
    "\n",
  );
}

/** Formats milliseconds as seconds. */
export function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}

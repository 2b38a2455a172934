/**
 * What the demo has shown, in figures.
 */
import type { Replica, Run } from "./fleet.ts";

/** The pairs of runs of which one began before the other had ended. */
export function overlaps(runs: readonly Run[]): [Run, Run][] {
  const inOrder = runs.toSorted((one, other) => one.beganMs - other.beganMs);
  return inOrder.flatMap((run, index) =>
    inOrder.slice(index + 1)
      .filter(({ beganMs }) => beganMs < (run.endedMs ?? Infinity))
      .map((later): [Run, Run] => [run, later])
  );
}

/** A table: a line for each replica. */
export function table(replicas: readonly Replica[], runs: readonly Run[]): string {
  const rows = replicas.map((replica) => {
    const terms = runs.filter((run) => run.replica === replica).map(({ term }) => term);
    return [replica.name, `${replica.process.pid}`, `${terms.length}`, terms.join(" "), replica.fate ?? ""];
  });
  const lines = [["replica", "process", "runs", "terms", "ended by"], ...rows];
  const widths = lines[0]!.map((_, column) => Math.max(...lines.map((line) => line[column]!.length)));
  return lines.map((line) => line.map((cell, column) => cell.padEnd(widths[column]!)).join("  ").trimEnd()).join("\n");
}

/** A length of time as people read it. */
export function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}

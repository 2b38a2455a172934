import type { Mutant } from "./mutant.ts";
import type { SimulatorResult } from "./simulator.ts";

/** What was found of a mutant. */
export interface Row {
  readonly mutant: Mutant;
  /** The test that found it, if one did. */
  readonly test: string | undefined;
  /** What the simulator found, if it was run. */
  readonly simulated: SimulatorResult | undefined;
  readonly seconds: number;
  /** Why nothing can be said of it, if so. */
  readonly error?: string | undefined;
}

const NAME_LENGTH = 62;
const TEST_LENGTH = 56;
const PROMISE_LENGTH = 19;

/** Whether it was found. */
export function isKilled({ test, simulated, error }: Row): boolean {
  return error === undefined && (test !== undefined || simulated?.promise !== undefined);
}

/** A row on one line. */
export function lineOf(row: Row): string {
  const { mutant, test, simulated, seconds, error } = row;
  const promise = simulated?.promise ?? (simulated ? "none" : "not run");
  return [
    error === undefined ? isKilled(row) ? "killed  " : "SURVIVED" : "ERROR   ",
    String(mutant.breaks).padEnd(8),
    shortened(mutant.name, NAME_LENGTH),
    shortened(test ?? "none", TEST_LENGTH),
    shortened(promise, PROMISE_LENGTH),
    (simulated?.promise ? String(simulated.runs) : "-").padStart(4),
    seconds.toFixed(1).padStart(6),
  ].join("  ");
}

/** All rows, and their counts. */
export function tableOf(rows: readonly Row[]): string {
  const killed = rows.filter(isKilled);
  const byTest = killed.filter(({ test }) => test !== undefined).length;
  const bySimulator = killed.filter(({ simulated }) => simulated?.promise !== undefined).length;
  return [
    [
      " ".repeat(8),
      "breaks".padEnd(8),
      "mutant".padEnd(NAME_LENGTH),
      "test".padEnd(TEST_LENGTH),
      "broken promise".padEnd(PROMISE_LENGTH),
      "runs",
      "     s",
    ].join("  "),
    ...rows.map(lineOf),
    "",
    ...rows.filter((row) => !killed.includes(row)).map(({ mutant: { name, breaks, change }, error }) =>
      error === undefined ? `SURVIVED: ${name} (${change.of}), which breaks ${breaks}` : `ERROR: ${name}: ${error}`
    ),
    `${rows.length} mutants, ${killed.length} killed: ${byTest} by a test, ${bySimulator} by the simulator`,
  ].join("\n");
}

function shortened(text: string, length: number): string {
  return (text.length > length ? `${text.slice(0, length - 1)}…` : text).padEnd(length);
}

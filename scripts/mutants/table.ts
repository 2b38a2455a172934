import type { Mutant } from "./mutant.ts";
import type { Hunt } from "./simulator.ts";

/** What became of a mutant. */
export interface Row {
  readonly mutant: Mutant;
  /** The test that found it, if one did. */
  readonly test: string | undefined;
  /** What the simulator made of it, if it was asked. */
  readonly hunt: Hunt | undefined;
  readonly seconds: number;
  /** Why nothing can be said of it, if so. */
  readonly trouble?: string | undefined;
}

/** Whether it was found. */
export function isKilled({ test, hunt, trouble }: Row): boolean {
  return trouble === undefined && (test !== undefined || hunt?.promise !== undefined);
}

/** A row on one line. */
export function line(row: Row): string {
  const { mutant, test, hunt, seconds } = row;
  const promise = hunt?.promise ?? (hunt ? "nothing" : "not asked");
  return [
    row.trouble === undefined ? isKilled(row) ? "killed  " : "SURVIVED" : "TROUBLE ",
    mutant.name.padEnd(56),
    cut(test ?? "no test", 60).padEnd(60),
    cut(promise, 20).padEnd(20),
    (hunt?.promise ? String(hunt.worlds) : "-").padStart(5),
    seconds.toFixed(1).padStart(6),
  ].join("  ");
}

/** All rows, and what they amount to. */
export function table(rows: readonly Row[]): string {
  const killed = rows.filter(isKilled);
  const byTest = killed.filter(({ test }) => test !== undefined).length;
  const byPromise = killed.filter(({ hunt }) => hunt?.promise !== undefined).length;
  return [
    [
      " ".repeat(8),
      "mutant".padEnd(56),
      "test".padEnd(60),
      "broken promise".padEnd(20),
      "seeds",
      "     s",
    ].join("  "),
    ...rows.map(line),
    "",
    ...rows.filter((row) => !killed.includes(row)).map(({ mutant: { name, file, breaks }, trouble }) =>
      trouble === undefined ? `SURVIVED: ${name} (${file}), which breaks ${breaks}` : `TROUBLE: ${name}: ${trouble}`
    ),
    `${rows.length} mutants, ${killed.length} killed: ${byTest} by a test, ${byPromise} by the simulator`,
  ].join("\n");
}

function cut(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length - 1)}…` : text;
}

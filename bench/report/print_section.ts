import { goal, printTable, printTitle } from "./print_table.ts";
import { rowsOfCells } from "./figure.ts";
import type { Section } from "./section.ts";

/** Prints the results of a part. */
export function printSection({ title, notes, tables, goals }: Section): void {
  printTitle(title, ...notes);
  for (const { caption, header, rows } of tables) {
    console.log(`\n  ${caption}`);
    printTable([...header], rowsOfCells(rows, header.length));
  }
  if (goals.length > 0) console.log();
  for (const { what, limit, value, isMet } of goals) console.log(`  ${what}: ${value} ${goal(isMet, limit)}`);
}

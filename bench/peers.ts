// deno task bench:peers [--short] [--only ID,...] [--repetitions N] [--write]
//
// Measures this package beside its peers and beside the minimum possible cost, one part after another so that they do not disturb
// each other. With --write, writes bench/RESULTS.md and its charts from the new results and the kept results of the other parts.
// A missed goal is no failure: the exit code is 1 if something could not be measured.

import { parseArguments } from "./peers/arguments.ts";
import { PARTS } from "./peers/parts.ts";
import { printSection } from "./report/print_section.ts";
import { thisMachine } from "./report/machine.ts";
import { keepResult, keptResults, type MeasuredPart } from "./report/measured.ts";
import type { Part, PartOptions } from "./report/section.ts";
import { filesOf, writePage } from "./report/write.ts";

const IDS = PARTS.map(({ id }) => id);

async function measure(part: Part, options: PartOptions): Promise<MeasuredPart> {
  const startedMs = performance.now();
  const section = await part.run(options);
  printSection(section);
  console.log(`\n  ${part.id} took ${Math.round((performance.now() - startedMs) / 1_000)} s`);
  return {
    section,
    date: new Date().toISOString().slice(0, 10),
    command: ["deno task bench:peers", ...Deno.args].join(" "),
    repetitions: options.repetitions,
    machine: thisMachine(),
  };
}

/** Runs the chosen parts and returns the exit code. */
async function main(): Promise<number> {
  const { only, isWritten, ...options } = parseArguments(Deno.args, IDS);
  const all: MeasuredPart[] = [];
  let code = 0;
  for (const part of PARTS.filter(({ id }) => only.includes(id))) {
    try {
      const measured = await measure(part, options);
      all.push(measured);
      if (isWritten) await keepResult(measured);
    } catch (error) {
      console.error(`\n${part.id} could not be measured:`, error);
      code = 1;
    }
  }
  // the charts are drawn in any case, so that the short form tests that too
  filesOf(all);
  if (isWritten) await writePage(await keptResults(IDS));
  return code;
}

if (import.meta.main) {
  // a failed part may have left something that keeps the process running
  Deno.exit(
    await main().catch((error) => {
      console.error(error instanceof Error ? error.message : error);
      return 2;
    }),
  );
}

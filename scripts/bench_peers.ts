// deno task bench:peers [--short] [--only ID,...] [--repetitions N] [--write]
//
// Measures this package beside what a user would pick instead, and beside the least that it could cost, one part after another
// as they would disturb each other. With --write the page bench/RESULTS.md and its charts are written from what was found now and
// what is known from before. A goal that is missed is no failure: the exit code is 1 if something could not be measured.

import { argumentsOf } from "./bench/peers/arguments.ts";
import { PARTS } from "./bench/peers/parts.ts";
import { printSection } from "./bench/results/console.ts";
import { thisMachine } from "./bench/results/machine.ts";
import { keep, kept, type Measured } from "./bench/results/measured.ts";
import type { Part, PartOptions } from "./bench/results/section.ts";
import { filesOf, writePage } from "./bench/results/write.ts";

const IDS = PARTS.map(({ id }) => id);

async function measure(part: Part, options: PartOptions): Promise<Measured> {
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

/** Runs the parts that were asked for, and returns the exit code. */
async function main(): Promise<number> {
  const { only, isWritten, ...options } = argumentsOf(Deno.args, IDS);
  const all: Measured[] = [];
  let code = 0;
  for (const part of PARTS.filter(({ id }) => only.includes(id))) {
    try {
      const measured = await measure(part, options);
      all.push(measured);
      if (isWritten) await keep(measured);
    } catch (error) {
      console.error(`\n${part.id} could not be measured:`, error);
      code = 1;
    }
  }
  // drawn in any case, so that the short form shows that it can be
  filesOf(all);
  if (isWritten) await writePage(await kept(IDS));
  return code;
}

if (import.meta.main) {
  // what a part that failed has left behind must not keep the process
  Deno.exit(
    await main().catch((error) => {
      console.error(error instanceof Error ? error.message : error);
      return 2;
    }),
  );
}

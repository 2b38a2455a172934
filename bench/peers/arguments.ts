import type { PartOptions } from "../report/section.ts";

/** The arguments of `deno task bench:peers`. */
export interface Arguments extends PartOptions {
  /** The ids of the parts to measure, in their order. */
  readonly only: readonly string[];
  /** Whether page and charts are written. */
  readonly isWritten: boolean;
}

const REPETITIONS = 5;

/** Treats underscores and hyphens alike. */
function normal(id: string): string {
  return id.replaceAll("_", "-");
}

/**
 * Parses the command line.
 *
 * @throws If an argument is unknown or its value is invalid.
 */
export function parseArguments(args: readonly string[], ids: readonly string[]): Arguments {
  let [isShort, isWritten] = [false, false];
  let [only, repetitions] = [ids, 0];
  const rest = [...args];
  for (let arg = rest.shift(); arg !== undefined; arg = rest.shift()) {
    if (arg === "--short") isShort = true;
    else if (arg === "--write") isWritten = true;
    else if (arg === "--only") only = chosenParts(rest.shift(), ids);
    else if (arg === "--repetitions") repetitions = parseRepetitions(rest.shift());
    else fail("the arguments are --short, --only ID,..., --repetitions N and --write", arg);
  }
  if (isShort && isWritten) fail("the figures of the short form must not be written", "--short --write");
  return { isShort, isWritten, only, repetitions: repetitions || (isShort ? 1 : REPETITIONS) };
}

function chosenParts(value: string | undefined, ids: readonly string[]): string[] {
  const wanted = (value ?? "").split(",").map(normal);
  if (!wanted.every((id) => ids.map(normal).includes(id))) fail(`the parts are ${ids.join(", ")}`, value);
  return ids.filter((id) => wanted.includes(normal(id)));
}

function parseRepetitions(value: string | undefined): number {
  const times = Number(value);
  if (!Number.isSafeInteger(times) || times < 1) fail("--repetitions must be a whole number from 1 on", value);
  return times;
}

function fail(state: string, value: string | undefined): never {
  throw new Error(`Cannot measure as ${state}: current value is ${JSON.stringify(value)}`);
}

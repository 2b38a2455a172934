import type { PartOptions } from "../results/section.ts";

/** What is to be done. */
export interface Arguments extends PartOptions {
  /** The ids of the parts to measure, in their order. */
  readonly only: readonly string[];
  /** Whether page and charts are written. */
  readonly isWritten: boolean;
}

const REPETITIONS = 5;

/** Underscores and hyphens are all the same. */
function normal(id: string): string {
  return id.replaceAll("_", "-");
}

/** Reads the arguments of the command line. Throws if it doesn't know one, or its value makes no sense. */
export function argumentsOf(args: readonly string[], ids: readonly string[]): Arguments {
  let [isShort, isWritten] = [false, false];
  let [only, repetitions] = [ids, 0];
  const rest = [...args];
  for (let arg = rest.shift(); arg !== undefined; arg = rest.shift()) {
    if (arg === "--short") isShort = true;
    else if (arg === "--write") isWritten = true;
    else if (arg === "--only") only = chosen(rest.shift(), ids);
    else if (arg === "--repetitions") repetitions = timesOf(rest.shift());
    else refuse("--short, --only ID,..., --repetitions N and --write are all it knows", arg);
  }
  if (isShort && isWritten) refuse("figures of the short form mean too little to be written", "--short --write");
  return { isShort, isWritten, only, repetitions: repetitions || (isShort ? 1 : REPETITIONS) };
}

function chosen(value: string | undefined, ids: readonly string[]): string[] {
  const wanted = (value ?? "").split(",").map(normal);
  if (!wanted.every((id) => ids.map(normal).includes(id))) refuse(`the parts are ${ids.join(", ")}`, value);
  return ids.filter((id) => wanted.includes(normal(id)));
}

function timesOf(value: string | undefined): number {
  const times = Number(value);
  if (!Number.isSafeInteger(times) || times < 1) refuse("--repetitions must be a whole number from 1 on", value);
  return times;
}

function refuse(state: string, value: string | undefined): never {
  throw new Error(`Cannot measure as ${state}: current value is ${JSON.stringify(value)}`);
}

import { ROOT } from "../../internal/processes/deno_command.ts";
import type { Machine } from "./machine.ts";
import type { Section } from "./section.ts";

/** The results of a part and how they were measured. Kept as JSON, so that a part can be measured again without the others. */
export interface MeasuredPart {
  readonly section: Section;
  /** An ISO date without the time. */
  readonly date: string;
  readonly command: string;
  /** How often each figure was measured. */
  readonly repetitions: number;
  readonly machine: Machine;
}

/** The folder of the kept results. */
export const RESULTS: URL = new URL("bench/results/", ROOT);

const MEANINGFUL_DIGITS = 6;

/** Returns the JSON that is kept, with fractions rounded. */
export function resultJson(measured: MeasuredPart): string {
  const short = (_key: string, value: unknown): unknown =>
    typeof value === "number" && !Number.isInteger(value) ? Number(value.toPrecision(MEANINGFUL_DIGITS)) : value;
  return `${JSON.stringify(measured, short, 2)}\n`;
}

/** Keeps the results of a part and replaces earlier ones. */
export async function keepResult(measured: MeasuredPart, folder: URL = RESULTS): Promise<void> {
  await Deno.mkdir(folder, { recursive: true });
  await Deno.writeTextFile(new URL(`${measured.section.id}.json`, folder), resultJson(measured));
}

/** Reads the kept results of some parts in the order of their ids. Parts without results are left out. */
export async function keptResults(ids: readonly string[], folder: URL = RESULTS): Promise<MeasuredPart[]> {
  const found: MeasuredPart[] = [];
  for (const id of ids) {
    try {
      found.push(JSON.parse(await Deno.readTextFile(new URL(`${id}.json`, folder))) as MeasuredPart);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
  return found;
}

import { ROOT } from "../../deno_command.ts";
import type { Machine } from "./machine.ts";
import type { Section } from "./section.ts";

/** What one part has found, and the circumstances. Kept as JSON, so that a part can be measured anew without the others. */
export interface Measured {
  readonly section: Section;
  /** As ISO text without the time of day. */
  readonly date: string;
  readonly command: string;
  /** How often each figure was measured. */
  readonly repetitions: number;
  readonly machine: Machine;
}

/** Where the parts' findings are kept. */
export const FINDINGS: URL = new URL("bench/results/", ROOT);

const MEANINGFUL_DIGITS = 6;

/** The text that is kept: fractions without digits that mean nothing. */
export function keptText(measured: Measured): string {
  const short = (_key: string, value: unknown): unknown =>
    typeof value === "number" && !Number.isInteger(value) ? Number(value.toPrecision(MEANINGFUL_DIGITS)) : value;
  return `${JSON.stringify(measured, short, 2)}\n`;
}

/** Keeps what a part has found, in the place of what it had found before. */
export async function keep(measured: Measured, folder: URL = FINDINGS): Promise<void> {
  await Deno.mkdir(folder, { recursive: true });
  await Deno.writeTextFile(new URL(`${measured.section.id}.json`, folder), keptText(measured));
}

/** What the parts have found, in the order of their ids; a part that was never measured is left out. */
export async function kept(ids: readonly string[], folder: URL = FINDINGS): Promise<Measured[]> {
  const found: Measured[] = [];
  for (const id of ids) {
    try {
      found.push(JSON.parse(await Deno.readTextFile(new URL(`${id}.json`, folder))) as Measured);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
  return found;
}

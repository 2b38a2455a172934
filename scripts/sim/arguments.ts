import { parseArgs } from "node:util";
import { FAULT_NAMES, type FaultName, type SimulateOptions, type SimulationKind } from "../../src/simulator/mod.ts";

/** The options of a command line, by name. */
export type ParsedOptions = Readonly<Record<string, string | boolean | undefined>>;

/**
 * Parses a command line.
 *
 * @param args The arguments.
 * @param names The options that have a value.
 * @param flags The options that have none.
 * @throws If an argument is unknown.
 */
export function parseOptions(args: string[], names: readonly string[], flags: readonly string[] = []): ParsedOptions {
  const options = Object.fromEntries([
    ...names.map((name) => [name, { type: "string" as const }]),
    ...flags.map((name) => [name, { type: "boolean" as const }]),
  ]);
  return parseArgs({ args, options, strict: true, allowPositionals: false }).values as ParsedOptions;
}

/** Reads an option that is a whole number. */
export function readNumber(options: ParsedOptions, name: string): number | undefined {
  const text = options[name];
  if (text === undefined) return undefined;
  const number = Number(text);
  if (!Number.isSafeInteger(number)) {
    throw new Error(`Cannot read --${name} as it must be a whole number: current value is ${text}`);
  }
  return number;
}

/** The command line options that {@linkcode readSimulateOptions} reads, and `seed`. */
export const SIMULATE_OPTION_NAMES: readonly string[] = ["seed", "kind", "replicas", "intervals", "without"];

/** Reads the options of a simulation, all but its seed. */
export function readSimulateOptions(options: ParsedOptions): Omit<SimulateOptions, "seed"> {
  const without = options.without ? String(options.without).split(",") : [];
  const unknown = without.find((name) => !(FAULT_NAMES as readonly string[]).includes(name));
  if (unknown) {
    throw new Error(`Cannot turn a fault off as it must be one of ${FAULT_NAMES}: current value is ${unknown}`);
  }
  return {
    kind: options.kind as SimulationKind | undefined,
    replicas: options.replicas === undefined ? undefined : String(options.replicas).split(",").map(Number),
    intervals: readNumber(options, "intervals"),
    faults: Object.fromEntries(without.map((name) => [name, false])),
  };
}

/** Writes the command that shows a simulation. */
export function commandOf({ seed, kind, replicas, intervals, faults }: SimulateOptions): string {
  const names = typeof faults === "object" ? Object.keys(faults) as FaultName[] : [];
  const without = names.filter((name) => typeof faults === "object" && faults[name] === false);
  return [
    `deno task sim --seed ${seed}`,
    kind && `--kind ${kind}`,
    replicas && `--replicas ${replicas}`,
    intervals && `--intervals ${intervals}`,
    without.length && `--without ${without}`,
  ].filter(Boolean).join(" ");
}

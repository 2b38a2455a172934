import { parseArgs } from "node:util";
import { FAULT_NAMES, type FaultName, type SimulateOptions, type WorldKind } from "../../src/testing/mod.ts";

type Values = Readonly<Record<string, string | boolean | undefined>>;

/** The options of a command line: names with a value, and flags. */
export function valuesOf(args: string[], names: readonly string[], flags: readonly string[] = []): Values {
  const options = Object.fromEntries([
    ...names.map((name) => [name, { type: "string" as const }]),
    ...flags.map((name) => [name, { type: "boolean" as const }]),
  ]);
  return parseArgs({ args, options, strict: true, allowPositionals: false }).values as Values;
}

/** A whole number of a command line. */
export function numberOf(values: Values, name: string): number | undefined {
  const text = values[name];
  if (text === undefined) return undefined;
  const number = Number(text);
  if (!Number.isSafeInteger(number)) {
    throw new Error(`Cannot read --${name} as it must be a whole number: current value is ${text}`);
  }
  return number;
}

/** The names under which a command line describes a world. */
export const WORLD_NAMES: readonly string[] = ["seed", "kind", "replicas", "intervals", "without"];

/** The world that a command line describes. */
export function worldOf(values: Values): Omit<SimulateOptions, "seed"> {
  const without = values.without ? String(values.without).split(",") : [];
  const unknown = without.find((name) => !(FAULT_NAMES as readonly string[]).includes(name));
  if (unknown) {
    throw new Error(`Cannot leave a fault out as it must be one of ${FAULT_NAMES}: current value is ${unknown}`);
  }
  return {
    kind: values.kind as WorldKind | undefined,
    replicas: values.replicas === undefined ? undefined : String(values.replicas).split(",").map(Number),
    intervals: numberOf(values, "intervals"),
    faults: Object.fromEntries(without.map((name) => [name, false])),
  };
}

/** The one command that shows a world again. */
export function commandOf({ seed, kind, replicas, intervals, faults }: SimulateOptions): string {
  const names = typeof faults === "object" ? Object.keys(faults) as FaultName[] : [];
  const without = names.filter((name) => (faults as Record<string, unknown>)[name] === false);
  return [
    `deno task sim --seed ${seed}`,
    kind && `--kind ${kind}`,
    replicas && `--replicas ${replicas}`,
    intervals && `--intervals ${intervals}`,
    without.length && `--without ${without}`,
  ].filter(Boolean).join(" ");
}

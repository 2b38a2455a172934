import type { Mutant } from "./mutant.ts";

/** The options of the command line. */
export interface Options {
  /** Names, or parts of them; all if there is none. */
  readonly only: readonly string[];
  /** How many are drawn; all if absent. */
  readonly share: number | undefined;
  /** Of the draw and of the first simulated run. */
  readonly seed: number;
  /** How many simulated runs there are for each mutant. */
  readonly runs: number;
}

const NUMBERS = ["share", "seed", "runs"];
const DEFAULT_RUNS = 60;

/** Reads the command line. */
export function optionsOf(args: readonly string[]): Options {
  const given = new Map<string, string>();
  for (let i = 0; i < args.length; i += 2) {
    const [option = "", value = ""] = [args[i]?.replace(/^--/, ""), args[i + 1]];
    const isValid = option === "only" ? value !== "" : NUMBERS.includes(option) && /^\d+$/.test(value);
    if (!isValid) {
      throw new TypeError(
        `Cannot read the arguments as they must be ` +
          `[--only NAME,...] [--share N] [--seed N] [--runs N]: current value is ${args.slice(i, i + 2).join(" ")}`,
      );
    }
    given.set(option, value);
  }
  const number = (option: string): number | undefined => given.has(option) ? Number(given.get(option)) : undefined;
  const share = number("share");
  // a share is another one each time; all is the same each time
  const seed = number("seed") ?? (share === undefined ? 1 : Math.floor(Math.random() * 1e6));
  return { only: given.get("only")?.split(",") ?? [], share, seed, runs: number("runs") ?? DEFAULT_RUNS };
}

/** The mutants that were asked for. */
export function chosen(mutants: readonly Mutant[], { only, share, seed }: Options): readonly Mutant[] {
  const asked = new Set<Mutant>();
  for (const text of only) {
    const exact = mutants.filter(({ name }) => name === text);
    const found = exact.length > 0 ? exact : mutants.filter(({ name }) => name.includes(text));
    if (found.length === 0) throw new RangeError(`Cannot find a mutant of that name: current value is ${text}`);
    for (const mutant of found) asked.add(mutant);
  }
  const named = mutants.filter((mutant) => only.length === 0 || asked.has(mutant));
  if (share === undefined) return named;
  const drawn: Mutant[] = [];
  for (let state = seed + 1; drawn.length < share && named.length > 0;) {
    state = (state * 48_271) % 2_147_483_647;
    drawn.push(...named.splice(state % named.length, 1));
  }
  return drawn;
}

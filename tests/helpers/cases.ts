/**
 * Returns how many cases a property test generates: all of them under `deno task ok`, and a tenth under `deno task test`.
 *
 * @param all The number of all cases.
 */
export function cases(all: number): number {
  return Deno.env.get("NEAT_TEST_THOROUGH") === "1" ? all : Math.ceil(all / 10);
}

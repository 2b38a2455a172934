// A process of `deno task test:mutants`: lets worlds run until a promise breaks. Arguments: the first seed, how many.

import { simulate } from "../../src/simulator/mod.ts";

const [first = 1, count = 1] = Deno.args.map(Number);
for (let seed = first; seed < first + count; seed++) {
  console.log(`world ${seed}`);
  const { violations: [violation] } = await simulate({ seed });
  if (!violation) continue;
  console.log(`broken ${violation.promise}`);
  break;
}

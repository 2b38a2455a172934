// A process of `deno task test:mutants`: simulates until a promise is broken.
// Arguments: the path of the simulator, the first seed, the number of simulated runs.

const [path = "", seed, count] = Deno.args;
const { simulate } = await import(`file://${path}`);
for (let next = Number(seed); next < Number(seed) + Number(count); next++) {
  console.log(`run ${next}`);
  const { violations: [violation] } = await simulate({ seed: next });
  if (!violation) continue;
  console.log(`broken ${violation.promise}`);
  break;
}

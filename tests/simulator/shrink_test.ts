import { assert, assertEquals } from "@std/assert";
import { shrinkSimulation, simulate, type SimulateOptions } from "../../src/simulator/mod.ts";

Deno.test("shrinkSimulation() finds a smaller simulation in which the same promise is broken", async () => {
  const broken = (options: SimulateOptions): ReturnType<typeof simulate> => {
    let restarts = 0;
    return simulate({
      ...options,
      tasks: async (_run, host) => {
        await host.sleep(1);
        if (!host.name.endsWith("1")) restarts++;
      },
      check: () => restarts > 0 ? "a replica has been restarted" : undefined,
    });
  };
  const { result, options, tried } = await shrinkSimulation({ seed: 3, kind: "chaos" }, broken);
  assertEquals(result.violations[0]?.promise, "own-check");
  assertEquals((options.replicas as number[]).length, 1);
  assert(options.intervals! < 50 && tried > 20);
  const again = await broken(options);
  assertEquals(again.timeline(), result.timeline());
});

Deno.test("shrinkSimulation() returns a simulation as it is if no promise is broken", async () => {
  const options = { seed: 1, kind: "quiet" as const };
  const shrunk = await shrinkSimulation(options);
  assertEquals([shrunk.options, shrunk.tried, shrunk.result.violations], [options, 1, []]);
});

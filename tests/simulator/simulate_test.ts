import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { FAULT_NAMES, shrinkSimulation, simulate, type SimulateOptions } from "../../src/testing/mod.ts";

const KINDS = ["quiet", "calm", "skewed", "pauses", "chaos", "mixed"] as const;

for (const kind of KINDS) {
  Deno.test(`no promise is broken in worlds that are ${kind}`, async () => {
    for (let seed = 1; seed <= 8; seed++) {
      const { violations, stats, timeline } = await simulate({ seed, kind });
      assertEquals(violations, [], timeline().slice(-3_000));
      assert(stats.runs > 20 && stats.steps > stats.runs);
    }
  });
}

Deno.test("the same seed gives the same world to the letter, and another seed another", async () => {
  for (const kind of KINDS) {
    const [one, same, other] = [
      await simulate({ seed: 5, kind }),
      await simulate({ seed: 5, kind }),
      await simulate({ seed: 6, kind }),
    ];
    assertEquals(one.timeline(), same.timeline());
    assertEquals(one.stats, same.stats);
    assert(one.timeline() !== other.timeline());
  }
});

Deno.test("without faults there is none", async () => {
  const { stats } = await simulate({ seed: 1, kind: "chaos", faults: false });
  assertEquals(stats.faults, {});
  assert(stats.runs >= 50);
});

Deno.test("a fault that is left out does not happen, and others do", async () => {
  const { stats, faults } = await simulate({ seed: 3, kind: "chaos", faults: { kill: false } });
  assertEquals(stats.faults.kill, undefined);
  assert((await simulate({ seed: 3, kind: "chaos" })).stats.faults.kill! > 0);
  assertEquals(faults.length, FAULT_NAMES.length - 1);
});

Deno.test("what is asked for is there: replicas, intervals and settings", async () => {
  const told = { seed: 2, kind: "quiet", interval: { minutes: 1 }, timeout: { seconds: 10 } } as const;
  const { stats, replicas, timeline } = await simulate({
    ...told,
    replicas: [0, 2],
    intervals: 10,
    heartbeatTimeout: 3_000,
  });
  assertEquals(replicas, [0, 2]);
  assertStringIncludes(timeline(), "quiet, 2 replicas, 10 intervals of 60000 ms");
  assert(stats.runs >= 8 && stats.runs <= 14, String(stats.runs));
});

Deno.test("a run of the caller's has the run and its host", async () => {
  const seen = new Set<string>();
  const { violations } = await simulate({
    seed: 4,
    kind: "quiet",
    replicas: 3,
    intervals: 5,
    tasks: async (run, host) => {
      const before = host.nowMs();
      await host.sleep(500, run.signal);
      assert(host.nowMs() - before >= 499 && host.nowMs() - before < 600);
      assert(host.random() < 1 && host.clock.monotonicMs() > 0);
      seen.add(await host.call(() => `${run.name} ${host.name} ${host.index < 3}`));
    },
  });
  assertEquals(violations, []);
  assert(seen.size > 0 && [...seen].every((text) => /^simulated [ABC]1 true$/.test(text)), [...seen].join());
});

/** A store whose author has forgotten something. */
function worldWithStore(seed: number, forgets: "nothing" | "the version" | "to write"): SimulateOptions {
  const server: { value: Uint8Array | null; version: number } = { value: null, version: 0 };
  return {
    seed,
    record: () => server.value,
    stores: (host) => ({
      read: (_key, options) =>
        host.call(() => server.value && { value: server.value.slice(), version: `${server.version}` }, options?.signal),
      write: (_key, value, version, options) =>
        host.call(() => {
          const isRight = (server.value && `${server.version}`) === version;
          if (!isRight && forgets !== "the version") return null;
          if (forgets === "to write" && server.version > 3) return "new";
          server.value = value;
          return `${++server.version}`;
        }, options?.signal),
    }),
  };
}

Deno.test("a store of the caller's that is right passes", async () => {
  for (let seed = 1; seed <= 5; seed++) {
    const { violations, timeline } = await simulate(worldWithStore(seed, "nothing"));
    assertEquals(violations, [], timeline().slice(-3_000));
  }
});

for (const forgets of ["the version", "to write"] as const) {
  Deno.test(`a store of the caller's that forgets ${forgets} is found`, async () => {
    const found: string[] = [];
    for (let seed = 1; seed <= 5; seed++) {
      const { violations } = await simulate(worldWithStore(seed, forgets));
      found.push(...violations.map(({ promise }) => promise));
    }
    assert(found.length >= 4, found.join());
  });
}

Deno.test("a task whose sink does not look at the term is found by its author's check", async () => {
  const found: number[] = [];
  for (let seed = 1; seed <= 20 && !found.length; seed++) {
    let latest = 0;
    let written = 0;
    const { violations } = await simulate({
      seed,
      kind: "pauses",
      timeout: 5_000,
      tasks: async (run, host) => {
        await host.sleep(100);
        await host.call(() => {
          written = run.term;
          latest = Math.max(latest, run.term);
        });
      },
      check: () => written < latest ? "an older run has overwritten a newer one" : undefined,
    });
    if (violations.some(({ promise }) => promise === "own-check")) found.push(seed);
  }
  assertEquals(found.length, 1);
});

Deno.test("a rejection that nobody handles is found", async () => {
  const { violations } = await simulate({
    seed: 1,
    kind: "quiet",
    tasks: () => {
      void Promise.reject(new Error("escaped"));
    },
  });
  assertEquals(violations.map(({ promise }) => promise), ["no-rejection"]);
  assertStringIncludes(violations[0]!.text, "escaped");
});

Deno.test("a world in which a promise breaks is made smaller, and breaks it still", async () => {
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

Deno.test("a world in which nothing breaks stays as it is", async () => {
  const options = { seed: 1, kind: "quiet" as const };
  const shrunk = await shrinkSimulation(options);
  assertEquals([shrunk.options, shrunk.tried, shrunk.result.violations], [options, 1, []]);
});

const WRONG: [unknown, ErrorConstructor, string][] = [
  [{}, TypeError, '"seed" must be a number'],
  [{ seed: 0.5 }, RangeError, '"seed" must be a whole number'],
  [{ seed: 1, replicas: 0 }, RangeError, '"replicas"'],
  [{ seed: 1, replicas: [1, 1] }, RangeError, '"replicas"'],
  [{ seed: 1, replicas: "two" }, RangeError, '"replicas"'],
  [{ seed: 1, intervals: 0 }, RangeError, '"intervals"'],
  [{ seed: 1, kind: "odd" }, RangeError, '"kind"'],
  [{ seed: 1, interval: -1 }, RangeError, '"interval"'],
  [{ seed: 1, faults: { sabotage: true } }, TypeError, '"sabotage" is not an option'],
  [{ seed: 1, colour: "red" }, TypeError, '"colour" is not an option'],
];

for (const [options, type, message] of WRONG) {
  Deno.test(`a simulation of ${JSON.stringify(options)} is refused`, async () => {
    const error = await assertRejects(() => simulate(options as SimulateOptions), type);
    assertStringIncludes((error as Error).message, message);
    assertStringIncludes((error as Error).message, "Cannot simulate a world");
  });
}

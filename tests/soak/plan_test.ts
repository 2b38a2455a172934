import { assert, assertEquals } from "@std/assert";
import {
  drawFault,
  outagesOf,
  type Phase,
  phaseAt,
  type PhaseKind,
  planPhases,
  type RequestFault,
  SERVER_KINDS,
} from "./plan.ts";
import { drawStoreFault } from "./store_faults.ts";
import { FAULT_KINDS } from "../../src/testing/fault.ts";
import { seededRandom } from "../../src/testing/seeded_random.ts";

const MINUTE_MS = 60_000;
const SEEDS = Array.from({ length: 50 }, (_, index) => index + 1);
const lengthMs = ({ fromMs, toMs }: Phase) => toMs - fromMs;
const longestMs = (phases: readonly Phase[]) => Math.max(...outagesOf(phases).map(lengthMs));

Deno.test("planPhases() fills the whole soak, and starts and ends with a calm phase", () => {
  for (const seed of SEEDS) {
    for (const totalMs of [MINUTE_MS / 4, MINUTE_MS, 5 * MINUTE_MS]) {
      const phases = planPhases(totalMs, seededRandom(seed));
      assertEquals(phases[0]!.fromMs, 0);
      assertEquals(phases.at(-1)!.toMs, totalMs);
      for (const [index, phase] of phases.slice(1).entries()) assertEquals(phase.fromMs, phases[index]!.toMs);
      assert(phases.every((phase) => lengthMs(phase) > 0));
      assertEquals([phases[0]!.kind, phases.at(-1)!.kind], ["calm", "calm"]);
    }
  }
});

Deno.test("planPhases() has one outage of a fifth of the soak, but at most a minute", () => {
  for (const seed of SEEDS) {
    assertEquals(Math.round(longestMs(planPhases(MINUTE_MS, seededRandom(seed)))), MINUTE_MS / 5);
    assertEquals(Math.round(longestMs(planPhases(5 * MINUTE_MS, seededRandom(seed)))), MINUTE_MS);
    assertEquals(Math.round(longestMs(planPhases(60 * MINUTE_MS, seededRandom(seed)))), MINUTE_MS);
  }
});

Deno.test("planPhases() has phases of every kind in five minutes", () => {
  for (const seed of SEEDS) {
    const kinds = new Set(planPhases(5 * MINUTE_MS, seededRandom(seed)).map(({ kind }) => kind));
    assertEquals([...kinds].sort(), ["429", "503", "calm", "down", "mixed", "silent"]);
  }
});

Deno.test("planPhases() takes the kinds that it is given, and outagesOf() has those of servers", () => {
  for (const seed of SEEDS) {
    const phases = planPhases(5 * MINUTE_MS, seededRandom(seed), SERVER_KINDS);
    assertEquals([...new Set(phases.map(({ kind }) => kind))].sort(), [
      "calm",
      "down",
      "hung",
      "mixed",
      "restart",
      "silent",
    ]);
    assert(outagesOf(phases).every(({ kind }) => kind !== "calm" && kind !== "mixed"));
    assert(outagesOf(phases).some(({ kind }) => kind === "hung"));
  }
});

Deno.test("planPhases() and drawFault() depend on the seed alone", () => {
  const plan = (seed: number) => {
    const random = seededRandom(seed);
    return [planPhases(MINUTE_MS, random), Array.from({ length: 20 }, () => drawFault("mixed", random))];
  };
  assertEquals(plan(7), plan(7));
  assert(JSON.stringify(plan(7)) !== JSON.stringify(plan(8)));
});

Deno.test("phaseAt() excludes the end of a phase, and is calm before and after the soak", () => {
  const phases: Phase[] = [{ kind: "mixed", fromMs: 0, toMs: 10 }, { kind: "down", fromMs: 10, toMs: 20 }];
  assertEquals([-1, 0, 9, 10, 19, 20].map((ms) => phaseAt(phases, ms)), [
    "calm",
    "mixed",
    "mixed",
    "down",
    "down",
    "calm",
  ]);
});

/** Counts the kinds of faults in 4,000 requests. */
function countKinds<Kind extends string>(fault: () => Kind | undefined): Map<Kind | undefined, number> {
  const kinds = Array.from({ length: 4_000 }, fault);
  return new Map([...Map.groupBy(kinds, (kind) => kind)].map(([kind, all]) => [kind, all.length]));
}

Deno.test("drawFault() affects every request in outages, none in calm phases, and most in bursts", () => {
  const random = seededRandom(1);
  const kinds = (phase: PhaseKind) => countKinds(() => drawFault(phase, random)?.kind);
  assertEquals(kinds("calm"), new Map([[undefined, 4_000]]));
  assertEquals(kinds("down"), new Map([["down", 4_000]]));
  assertEquals(kinds("silent"), new Map([["silent", 4_000]]));
  for (const status of ["503", "429"] as const) {
    const burst = kinds(status);
    assertEquals(new Set(burst.keys()), new Set([status, undefined]));
    assert(burst.get(undefined)! > 400);
  }
});

Deno.test("drawFault() draws every kind in mixed phases, and mostly none", () => {
  const random = seededRandom(1);
  const all: RequestFault["kind"][] = [
    "request delayed",
    "reply delayed",
    "reset",
    "reply reset",
    "half-open",
    "reply truncated",
    "503",
    "429",
  ];
  const found = countKinds(() => drawFault("mixed", random)?.kind);
  for (const kind of all) assert(found.get(kind)! > 100, kind);
  assertEquals(found.size, all.length + 1);
  assert(found.get(undefined)! > 2_000);
});

Deno.test("drawStoreFault() has the same phases", () => {
  const random = seededRandom(1);
  const kinds = (phase: PhaseKind) => countKinds(() => drawStoreFault(phase, random)?.fault.kind);
  assertEquals(kinds("calm"), new Map([[undefined, 4_000]]));
  assertEquals(kinds("down"), new Map([["failBefore", 4_000]]));
  assertEquals(kinds("silent"), new Map([["neverAnswer", 4_000]]));
  for (const status of ["503", "429"] as const) {
    assertEquals(new Set(kinds(status).keys()), new Set(["failBefore", undefined]));
  }
  const mixed = kinds("mixed");
  for (const kind of FAULT_KINDS) assert(mixed.get(kind)! > 100, kind);
  assert(mixed.get(undefined)! > 2_000);
});

Deno.test("drawStoreFault() lets calls that hang end with their signals", () => {
  const random = seededRandom(1);
  for (let call = 0; call < 4_000; call++) {
    const fault = drawStoreFault("mixed", random)?.fault;
    if (fault?.kind === "neverAnswer" || fault?.kind === "landLate") assertEquals(fault.ignoresSignal, false);
  }
});

/**
 * The plans of a soak: what goes wrong, and when.
 */
import { assert, assertEquals } from "@std/assert";
import {
  faultOf,
  outagesOf,
  type Phase,
  phaseAt,
  type PhaseKind,
  phasesOf,
  type RequestFault,
} from "../../scripts/soak/plan.ts";
import { storeFaultOf } from "../../scripts/soak/store_faults.ts";
import { FAULT_KINDS } from "../../src/testing/fault.ts";
import { chance } from "../processes/trouble.ts";

const MINUTE_MS = 60_000;
const SEEDS = Array.from({ length: 50 }, (_, index) => index + 1);
const lengthMs = ({ fromMs, toMs }: Phase) => toMs - fromMs;
const longestMs = (phases: readonly Phase[]) => Math.max(...outagesOf(phases).map(lengthMs));

Deno.test("a soak's phases follow one another from its beginning to its end, and it begins and ends in calm", () => {
  for (const seed of SEEDS) {
    for (const totalMs of [MINUTE_MS / 4, MINUTE_MS, 5 * MINUTE_MS]) {
      const phases = phasesOf(totalMs, chance(seed));
      assertEquals(phases[0]!.fromMs, 0);
      assertEquals(phases.at(-1)!.toMs, totalMs);
      for (const [index, phase] of phases.slice(1).entries()) assertEquals(phase.fromMs, phases[index]!.toMs);
      assert(phases.every((phase) => lengthMs(phase) > 0));
      assertEquals([phases[0]!.kind, phases.at(-1)!.kind], ["calm", "calm"]);
    }
  }
});

Deno.test("one outage takes a fifth of a soak, but no longer than a minute", () => {
  for (const seed of SEEDS) {
    assertEquals(Math.round(longestMs(phasesOf(MINUTE_MS, chance(seed)))), MINUTE_MS / 5);
    assertEquals(Math.round(longestMs(phasesOf(5 * MINUTE_MS, chance(seed)))), MINUTE_MS);
    assertEquals(Math.round(longestMs(phasesOf(60 * MINUTE_MS, chance(seed)))), MINUTE_MS);
  }
});

Deno.test("a soak of five minutes has phases of each kind", () => {
  for (const seed of SEEDS) {
    const kinds = new Set(phasesOf(5 * MINUTE_MS, chance(seed)).map(({ kind }) => kind));
    assertEquals([...kinds].sort(), ["429", "503", "calm", "down", "mixed", "silent"]);
  }
});

Deno.test("the phases and the faults of a soak are those of its seed", () => {
  const plan = (seed: number) => {
    const random = chance(seed);
    return [phasesOf(MINUTE_MS, random), Array.from({ length: 20 }, () => faultOf("mixed", random))];
  };
  assertEquals(plan(7), plan(7));
  assert(JSON.stringify(plan(7)) !== JSON.stringify(plan(8)));
});

Deno.test("a phase lasts up to, but not including, its end, and around a soak it is calm", () => {
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

/** How many of 4,000 requests have faults of each kind. */
function tally<Kind extends string>(fault: () => Kind | undefined): Map<Kind | undefined, number> {
  const kinds = Array.from({ length: 4_000 }, fault);
  return new Map([...Map.groupBy(kinds, (kind) => kind)].map(([kind, all]) => [kind, all.length]));
}

Deno.test("outages spare no request, calm has no faults, and bursts spare some", () => {
  const random = chance(1);
  const kinds = (phase: PhaseKind) => tally(() => faultOf(phase, random)?.kind);
  assertEquals(kinds("calm"), new Map([[undefined, 4_000]]));
  assertEquals(kinds("down"), new Map([["down", 4_000]]));
  assertEquals(kinds("silent"), new Map([["silent", 4_000]]));
  for (const status of ["503", "429"] as const) {
    const burst = kinds(status);
    assertEquals(new Set(burst.keys()), new Set([status, undefined]));
    assert(burst.get(undefined)! > 400);
  }
});

Deno.test("mixed phases have requests with faults of each kind, and more without any", () => {
  const random = chance(1);
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
  const found = tally(() => faultOf("mixed", random)?.kind);
  for (const kind of all) assert(found.get(kind)! > 100, kind);
  assertEquals(found.size, all.length + 1);
  assert(found.get(undefined)! > 2_000);
});

Deno.test("a store without a proxy has the same phases", () => {
  const random = chance(1);
  const kinds = (phase: PhaseKind) => tally(() => storeFaultOf(phase, random)?.fault.kind);
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

Deno.test("calls of a store without a proxy that hang end with their signals", () => {
  const random = chance(1);
  for (let call = 0; call < 4_000; call++) {
    const fault = storeFaultOf("mixed", random)?.fault;
    if (fault?.kind === "neverAnswer" || fault?.kind === "landLate") assertEquals(fault.ignoresSignal, false);
  }
});

// Whatever the order in which replicas and people write: no claim and no change is lost.

import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import type { StatusRecord } from "../../src/record/status_record.ts";
import { cases } from "../helpers/cases.ts";
import { type Call, type Effect, interleave, type Interleaving } from "./interleaving.ts";

type Pick<Fields extends keyof StatusRecord> = { readonly [Field in Fields]: StatusRecord[Field] };

function pauseOf({ pausedMs, pausedBy }: StatusRecord): Pick<"pausedMs" | "pausedBy"> {
  return { pausedMs, pausedBy };
}

function requestOf({ requestedMs, requestedBy }: StatusRecord): Pick<"requestedMs" | "requestedBy"> {
  return { requestedMs, requestedBy };
}

/** The fields that a control function must not change. */
function ownFieldsOf(record: StatusRecord): object {
  const { write: _, pausedMs: _p, pausedBy: _b, pauseReason: _r, requestedMs: _q, requestedBy: _d, ...own } = record;
  return own;
}

function isClaim({ by, before, after }: Effect): boolean {
  return by === "replica" && after.state === "running" && after.owner !== before.owner;
}

function isRelease({ by, before, after }: Effect): boolean {
  return by === "replica" && before.state === "running" && after.owner === "-";
}

function isReset({ by, before, after }: Effect): boolean {
  return by === "person" && before.state !== "idle" && after.state === "idle";
}

/** Whether a write took effect during a call. */
function isDuring({ fromMs, toMs }: Call): (effect: Effect) => boolean {
  return ({ atMs }) => fromMs <= atMs && atMs <= toMs;
}

const PROPERTIES: Readonly<Record<string, (played: Interleaving) => void>> = {
  "each claim ends by a write of its replica, as no change takes the record from a run": ({ claims, effects }) => {
    for (const { term, owner } of claims) {
      const [claim, ...later] = effects.filter(({ before, after }) => before.owner === owner || after.owner === owner);
      assert(claim && isClaim(claim));
      assertEquals(claim.after.term, term);
      const end = later.find(({ after }) => after.state !== "running" || after.owner !== owner);
      assertEquals([end?.by, end && isClaim(end)], ["replica", false]);
    }
  },
  "a change keeps the fields of the run in progress": ({ effects }) => {
    for (const effect of effects.filter(({ by }) => by === "person")) {
      if (isReset(effect)) {
        assert(effect.before.state !== "running");
        assertEquals(effect.after.term, effect.before.term);
      } else {assertEquals(ownFieldsOf(effect.after), {
          ...ownFieldsOf(effect.before),
          startedMs: effect.after.startedMs,
        });}
    }
  },
  "a replica keeps the pause, and claims no paused record": ({ effects }) => {
    for (const effect of effects.filter(({ by }) => by === "replica")) {
      assertEquals(pauseOf(effect.after), pauseOf(effect.before));
      if (isClaim(effect)) assertEquals(effect.before.pausedMs, undefined);
    }
  },
  "a replica keeps the request, which a claim removes and its release restores": ({ effects }) => {
    let removed: StatusRecord | undefined;
    for (const effect of effects.filter(({ by }) => by === "replica")) {
      if (isClaim(effect)) {
        removed = effect.before;
        assertEquals(effect.after.requestedMs, undefined);
        continue;
      }
      const restored = isRelease(effect) && effect.before.requestedMs === undefined ? removed : undefined;
      assertEquals(requestOf(effect.after), requestOf(restored ?? effect.before));
    }
  },
  "a request that is made is removed by exactly one claim, or is still there": ({ effects, calls, last }) => {
    for (const call of calls.filter(({ outcome }) => outcome === "requested")) {
      const has = ({ requestedBy }: StatusRecord): boolean => requestedBy === call.id;
      const writes = effects.filter(({ by, before, after }) => by === "person" && !has(before) && has(after));
      if (writes.length === 0) {
        assert(
          effects.some((effect) => isClaim(effect) && isDuring(call)(effect)),
          "a claim during the call serves it",
        );
        continue;
      }
      assertEquals(writes.length, 1);
      const removals = effects.filter((effect) => has(effect.before) && !has(effect.after));
      const restored = effects.filter((effect) => !has(effect.before) && has(effect.after) && isRelease(effect));
      assert(removals.every(isClaim));
      assertEquals(removals.length - restored.length, has(last) ? 0 : 1);
    }
  },
  "a pause that is made is in the record, and only a call of resumeTask() removes it": ({ effects, calls }) => {
    for (const call of calls.filter(({ outcome }) => outcome === "paused")) {
      assert(effects.some((effect) => effect.after.pausedBy === call.id && isDuring(call)(effect)));
    }
    for (const call of calls.filter(({ outcome }) => outcome === "resumed")) {
      const ends = effects.filter(({ before, after }) => before.pausedMs !== undefined && after.pausedMs === undefined);
      assert(ends.some(isDuring(call)));
    }
  },
};

for (const [name, check] of Object.entries(PROPERTIES)) {
  Deno.test(`among replicas and people, ${name}`, async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 2 ** 31 }), async (seed) => check(await interleave(seed))),
      { numRuns: cases(300) },
    );
  });
}

for (const seed of [2079561373]) {
  // a run that was released since an unanswered request was taken for one that had served it
  Deno.test(`among replicas and people, all properties hold for a seed that once broke one (${seed})`, async () => {
    const played = await interleave(seed);
    for (const check of Object.values(PROPERTIES)) check(played);
  });
}

Deno.test("the interleavings of replicas and people have all that the properties are about", async () => {
  const played: Interleaving[] = [];
  for (let seed = 1; seed <= 40; seed++) played.push(await interleave(seed));
  const effects = played.flatMap(({ effects }) => effects);
  const calls = played.flatMap(({ calls }) => calls);
  assert(effects.filter(isClaim).length > 100);
  assert(effects.filter(isRelease).length > 20);
  assert(effects.filter(isReset).length > 10);
  assert(effects.filter(({ by, before }) => by === "person" && before.state === "running").length > 50);
  assert(effects.filter((effect) => isClaim(effect) && effect.before.requestedMs !== undefined).length > 20);
  assert(effects.filter((effect) => isRelease(effect) && effect.after.requestedMs !== undefined).length > 5);
  for (const outcome of ["paused", "already-paused", "resumed", "requested", "already-requested", "reset", "refused"]) {
    assert(calls.filter((call) => call.outcome === outcome).length > 5, outcome);
  }
});

/**
 * What befalls the replicas: by chance, but by a seed.
 *
 * @module
 */
import type { Crew } from "./crew.ts";
import { is } from "./story.ts";
import { checkMs, marginMs, type Rules } from "./settings.ts";

/** Something that befalls a replica: the one whose run has just begun, or any, at any time. */
interface Deed {
  readonly kind: "kill" | "long pause" | "short pause";
  readonly when: "in its run" | "at any time";
}

/** All of these befall some replica, in an order by chance, before any does so again. */
const DEEDS: readonly Deed[] = [
  { kind: "kill", when: "in its run" },
  { kind: "kill", when: "at any time" },
  { kind: "long pause", when: "in its run" },
  { kind: "long pause", when: "at any time" },
  { kind: "short pause", when: "in its run" },
  { kind: "short pause", when: "at any time" },
];

/** So many are dead or paused at once at most. */
const MAX_AT_ONCE = 3;
/** Runs take longer than that. */
const IN_RUN_MS = 180;
/** Windows can't pause processes. */
const CAN_PAUSE = Deno.build.os !== "windows";

/** From 0 up to, but not including, 1. */
export type Chance = () => number;

/** Chance that comes out the same for a seed: a xorshift generator. */
export function chance(seed: number): Chance {
  let state = (seed ^ 0x9e37_79b9) | 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

/** How much has befallen the replicas. */
export interface Tally {
  kills: number;
  pauses: number;
}

/** Kills, restarts and pauses replicas, now and then, until a number of runs have begun. */
export async function trouble(crew: Crew, runs: number, rules: Rules, random: Chance): Promise<Tally> {
  const tally = { kills: 0, pauses: 0 };
  const underWay = new Map<number, Promise<void>>();
  const deeds = dealt(random);
  const all = crew.pids.length;
  await crew.until((entries) => entries.filter(is("joined")).length >= all);
  try {
    for (let count = 1; count < runs; count += 1 + Math.floor(random() * 3)) {
      await crew.until((entries) => entries.filter(is("began")).length >= count);
      const { value: { kind, when } } = deeds.next();
      await sleep(random() * (when === "in its run" ? IN_RUN_MS : rules.intervalMs));
      const entries = await crew.read();
      const begun = entries.filter(is("began"));
      count = begun.length;
      const free = entries.filter(is("joined")).map(({ pid }) => pid)
        .filter((pid) => crew.pids.includes(pid) && !underWay.has(pid));
      const pid = when === "in its run" ? begun.at(-1)!.pid : free[Math.floor(random() * free.length)]!;
      if (underWay.size >= MAX_AT_ONCE || !free.includes(pid)) continue;
      const done = befall(crew, pid, kind, rules, random);
      tally[kind === "kill" ? "kills" : "pauses"]++;
      underWay.set(pid, done.finally(() => underWay.delete(pid)));
    }
    await crew.until((entries) => entries.filter(is("began")).length >= runs);
  } finally {
    await Promise.all(underWay.values());
  }
  return tally;
}

/** The deeds again and again, each time in another order. */
function* dealt(random: Chance): Generator<Deed, never> {
  for (;;) {
    const left = DEEDS.filter(({ kind }) => CAN_PAUSE || kind === "kill");
    while (left.length > 0) yield left.splice(Math.floor(random() * left.length), 1)[0]!;
  }
}

async function befall(crew: Crew, pid: number, kind: Deed["kind"], rules: Rules, random: Chance): Promise<void> {
  const { leaseMs, storeClockMs } = rules;
  // a long one outlasts the lease, and the time that others may need to see so
  const longMs = kind === "long pause" ? leaseMs + marginMs(rules) + storeClockMs + checkMs(rules) : 0;
  const lengthMs = longMs + random() * leaseMs / 2;
  if (kind === "kill") await crew.kill(pid);
  else crew.pause(pid);
  await sleep(lengthMs);
  if (kind === "kill") crew.start();
  else crew.resume(pid);
}

/** Resolves after a time. */
export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

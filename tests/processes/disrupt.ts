/**
 * Disrupts replicas until they have run a number of times.
 *
 * @module
 */
import {
  CAN_PAUSE,
  type DisruptionCounts,
  MAX_AT_ONCE,
  MIN_RUN_MS,
  pause,
  pauseMs,
  type Random,
  sleep,
} from "../../internal/replicas/disruption.ts";
import { isType } from "../../internal/replicas/log.ts";
import type { ReplicaProcesses } from "../../internal/replicas/replica_processes.ts";
import type { ReplicaSettings } from "../../internal/replicas/settings.ts";

/** A disruption of the replica whose run has just started, or of any replica at any time. */
interface Disruption {
  readonly kind: "kill" | "long pause" | "short pause";
  readonly when: "in its run" | "at any time";
}

/** Each of them happens once, in random order, before any happens again. */
const DISRUPTIONS: readonly Disruption[] = [
  { kind: "kill", when: "in its run" },
  { kind: "kill", when: "at any time" },
  { kind: "long pause", when: "in its run" },
  { kind: "long pause", when: "at any time" },
  { kind: "short pause", when: "in its run" },
  { kind: "short pause", when: "at any time" },
];

/** Kills, restarts and pauses replicas until a number of runs have started. */
export async function disrupt(
  replicas: ReplicaProcesses,
  runs: number,
  settings: ReplicaSettings,
  random: Random,
): Promise<DisruptionCounts> {
  const counts = { kills: 0, pauses: 0 };
  const disrupted = new Map<number, Promise<void>>();
  const disruptions = shuffledForever(random);
  const all = replicas.pids.length;
  await replicas.until((entries) => entries.filter(isType("joined")).length >= all);
  try {
    for (let count = 1; count < runs; count += 1 + Math.floor(random() * 3)) {
      await replicas.until((entries) => entries.filter(isType("started")).length >= count);
      const { value: { kind, when } } = disruptions.next();
      await sleep(random() * (when === "in its run" ? MIN_RUN_MS : settings.intervalMs));
      const entries = await replicas.read();
      const started = entries.filter(isType("started"));
      count = started.length;
      const free = entries.filter(isType("joined")).map(({ pid }) => pid)
        .filter((pid) => replicas.pids.includes(pid) && !disrupted.has(pid));
      const pid = when === "in its run" ? started.at(-1)?.pid : free[Math.floor(random() * free.length)];
      if (disrupted.size >= MAX_AT_ONCE || pid === undefined || !free.includes(pid)) continue;
      const done = disruptOne(replicas, pid, kind, settings, random);
      counts[kind === "kill" ? "kills" : "pauses"]++;
      disrupted.set(pid, done.finally(() => disrupted.delete(pid)));
    }
    await replicas.until((entries) => entries.filter(isType("started")).length >= runs);
  } finally {
    await Promise.all(disrupted.values());
  }
  return counts;
}

/** Yields the disruptions again and again, each time in another order. */
function* shuffledForever(random: Random): Generator<Disruption, never> {
  for (;;) {
    const left = DISRUPTIONS.filter(({ kind }) => CAN_PAUSE || kind === "kill");
    while (left.length > 0) yield* left.splice(Math.floor(random() * left.length), 1);
  }
}

async function disruptOne(
  replicas: ReplicaProcesses,
  pid: number,
  kind: Disruption["kind"],
  settings: ReplicaSettings,
  random: Random,
): Promise<void> {
  const lengthMs = pauseMs(settings, kind === "long pause", random());
  if (kind !== "kill") return await pause(replicas, pid, lengthMs);
  await replicas.kill(pid);
  await sleep(lengthMs);
  replicas.start();
}

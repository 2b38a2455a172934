/**
 * Disrupts the replicas of a soak: kills and restarts them, pauses and resumes them.
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

/** Which replicas to disrupt, and how long. */
export interface DisruptOptions {
  readonly replicas: ReplicaProcesses;
  readonly settings: ReplicaSettings;
  /** Starts another replica. */
  readonly start: () => void;
  /** The process that is paused but not killed. */
  readonly sparedPid: number;
  readonly untilMs: number;
  /** Ends the disruptions early. */
  readonly signal: AbortSignal;
}

/** The time between two disruptions. */
const GAP_MS = { min: 300, max: 2_500 };
/** The longest wait for the start of a run. In an outage none starts. */
const RUN_WAIT_MS = 2_000;
const POLL_MS = 25;

/** Disrupts replicas until it is time to stop. Starts a replica for each that was killed or has crashed by then. */
export async function disrupt(options: DisruptOptions, random: Random): Promise<DisruptionCounts> {
  const { replicas, settings, sparedPid, start, untilMs, signal } = options;
  const counts = { kills: 0, pauses: 0 };
  const disrupted = new Map<number, Promise<void>>();
  let replaced = 0;
  while (Date.now() < untilMs && !signal.aborted) {
    // all are drawn at once, so that the sequence depends on the seed alone
    const [gap, inRun, delay, kind, which, length] = [random(), random(), random(), random(), random(), random()];
    await sleep(GAP_MS.min + gap * (GAP_MS.max - GAP_MS.min));
    for (; replaced < replicas.crashed; replaced++) start();
    const running = inRun < 0.5 ? await nextRunning(replicas) : undefined;
    if (running) await sleep(delay * MIN_RUN_MS);
    const joined = (await replicas.read()).filter(isType("joined")).map(({ pid }) => pid);
    const free = joined.filter((pid) => replicas.pids.includes(pid) && !disrupted.has(pid));
    const isKill = !CAN_PAUSE || kind < 0.4;
    const pid = running ?? free[Math.floor(which * free.length)];
    if (pid === undefined || !free.includes(pid) || disrupted.size >= MAX_AT_ONCE || (isKill && pid === sparedPid)) {
      continue;
    }
    const isLong = kind > 0.7;
    const done = isKill
      ? killAndReplace(options, pid, length)
      : pause(replicas, pid, pauseMs(settings, isLong, length));
    counts[isKill ? "kills" : "pauses"]++;
    disrupted.set(pid, done.finally(() => disrupted.delete(pid)));
  }
  await Promise.all(disrupted.values());
  return counts;
}

/** Waits for the next run and returns its process, if one starts soon. */
async function nextRunning(replicas: ReplicaProcesses): Promise<number | undefined> {
  const known = (await replicas.read()).length;
  for (let waitedMs = 0; waitedMs < RUN_WAIT_MS; waitedMs += POLL_MS) {
    await sleep(POLL_MS);
    const started = (await replicas.read()).slice(known).findLast(isType("started"));
    if (started) return started.pid;
  }
  return undefined;
}

async function killAndReplace(
  { replicas, settings, start }: DisruptOptions,
  pid: number,
  length: number,
): Promise<void> {
  await replicas.kill(pid);
  await sleep(length * settings.leaseMs);
  start();
}

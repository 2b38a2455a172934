/**
 * Kills and pauses of replicas: their lengths and limits.
 *
 * @module
 */
import type { ReplicaProcesses } from "./replica_processes.ts";
import { leaseMarginMs, maxCheckDelayMs, type ReplicaSettings } from "./settings.ts";

/** Random numbers from 0 up to, but not including, 1. */
export type Random = () => number;

/** Numbers of disruptions. */
export interface DisruptionCounts {
  kills: number;
  pauses: number;
}

/** The most replicas that are dead or paused at once. */
export const MAX_AT_ONCE = 3;
/** Every run takes longer than this. */
export const MIN_RUN_MS = 180;
/** Windows cannot pause processes. */
export const CAN_PAUSE: boolean = Deno.build.os !== "windows";

/** Returns the length of a pause. A long one outlasts the lease and the time that others may need to notice that. */
export function pauseMs(settings: ReplicaSettings, isLong: boolean, random: number): number {
  const { leaseMs, storeClockMs } = settings;
  const minMs = isLong ? leaseMs + leaseMarginMs(settings) + storeClockMs + maxCheckDelayMs(settings) : 0;
  return minMs + random * leaseMs / 2;
}

/** Pauses a replica for some time. */
export async function pause(replicas: ReplicaProcesses, pid: number, ms: number): Promise<void> {
  replicas.pause(pid);
  await sleep(ms);
  // it may have crashed meanwhile
  if (replicas.pids.includes(pid)) replicas.resume(pid);
}

/** Resolves after some time. */
export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

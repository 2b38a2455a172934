/**
 * Checks that each due time of each task has had its start.
 *
 * @module
 */
import type { ReplicaEvent } from "../replicas/protocol.ts";

/** The span that was watched, and the tasks. */
export interface Window {
  readonly fromMs: number;
  readonly toMs: number;
  readonly tasks: number;
  readonly intervalMs: number;
}

/** Numbers of due times. */
export interface DueTimeCounts {
  readonly expected: number;
  /** Due times with more than one start. */
  readonly duplicates: number;
  /** Due times without a start. */
  readonly misses: number;
}

/** Due times this close to the ends of the window are not expected, as their starts may be outside. */
export const MARGIN_MS = 2_000;

/** Counts the due times of tasks. The grid of each task is known from its starts alone. */
export function checkDueTimes(
  events: readonly ReplicaEvent[],
  { fromMs, toMs, tasks, intervalMs }: Window,
): DueTimeCounts {
  const byTask = startsByTask(events);
  const perTask = Math.floor((toMs - fromMs - 2 * MARGIN_MS) / intervalMs);
  let [duplicates, misses] = [0, 0];
  for (const starts of byTask.values()) {
    const [someDueMs = 0] = starts.keys();
    const firstMs = someDueMs + Math.ceil((fromMs + MARGIN_MS - someDueMs) / intervalMs) * intervalMs;
    for (let index = 0; index < perTask; index++) if (!starts.has(firstMs + index * intervalMs)) misses++;
    duplicates += [...starts].filter(([dueMs, count]) => dueMs >= fromMs && dueMs < toMs && count > 1).length;
  }
  return { expected: tasks * perTask, duplicates, misses: misses + (tasks - byTask.size) * perTask };
}

/** Counts the starts by task and due time. */
function startsByTask(events: readonly ReplicaEvent[]): Map<string, Map<number, number>> {
  const byTask = new Map<string, Map<number, number>>();
  for (const event of events) {
    if (event.type !== "start") continue;
    const starts = byTask.get(event.task) ?? new Map<number, number>();
    starts.set(event.dueMs, (starts.get(event.dueMs) ?? 0) + 1);
    byTask.set(event.task, starts);
  }
  return byTask;
}

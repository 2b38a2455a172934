/**
 * Whether each slot of each task has had its start, by what the replicas have told. Pure.
 *
 * @module
 */
import type { Note } from "../replica/order.ts";

/** What was to be seen, and when. */
export interface Window {
  readonly fromMs: number;
  readonly toMs: number;
  readonly tasks: number;
  readonly intervalMs: number;
}

/** Slots, counted. */
export interface Judgement {
  readonly expected: number;
  /** Those with more than one start. */
  readonly duplicates: number;
  /** Those without any. */
  readonly misses: number;
}

/** Slots so near to the ends of the window are not expected to be seen: their starts may lie outside. */
export const MARGIN_MS = 2_000;

/** Judges the slots of tasks whose grids are told by their starts alone. */
export function judgeSlots(notes: readonly Note[], { fromMs, toMs, tasks, intervalMs }: Window): Judgement {
  const byTask = startsByTask(notes);
  const perTask = Math.floor((toMs - fromMs - 2 * MARGIN_MS) / intervalMs);
  let [duplicates, misses] = [0, 0];
  for (const slots of byTask.values()) {
    const [any = 0] = slots.keys();
    const firstMs = any + Math.ceil((fromMs + MARGIN_MS - any) / intervalMs) * intervalMs;
    for (let slot = 0; slot < perTask; slot++) if (!slots.has(firstMs + slot * intervalMs)) misses++;
    duplicates += [...slots].filter(([slotMs, starts]) => slotMs >= fromMs && slotMs < toMs && starts > 1).length;
  }
  return { expected: tasks * perTask, duplicates, misses: misses + (tasks - byTask.size) * perTask };
}

/** The number of starts by slot, by task. */
function startsByTask(notes: readonly Note[]): Map<string, Map<number, number>> {
  const byTask = new Map<string, Map<number, number>>();
  for (const note of notes) {
    if (note.what !== "start") continue;
    const slots = byTask.get(note.task) ?? new Map<number, number>();
    slots.set(note.slotMs, (slots.get(note.slotMs) ?? 0) + 1);
    byTask.set(note.task, slots);
  }
  return byTask;
}

/**
 * The next due times of a task.
 *
 * @module
 */
import type { WatchedTask } from "../monitoring/watched_task.ts";
import { type NeatPeriodicTaskScheduler, schedulerSettings } from "../scheduler.ts";
import { nextDueOf, statusOf } from "./task_facts.ts";

/** The number of due times that a page shows. */
const COUNT = 5;

/** The latest time that a date can have. */
const MAX_MS = 8_640_000_000_000_000;

/** Returns the next due times of a task: of its schedule if a scheduler is in this process, otherwise the one in the record. */
export function nextDueTimes(
  task: WatchedTask,
  scheduler: NeatPeriodicTaskScheduler | undefined,
  nowMs: number,
): Date[] {
  const first = statusOf(task)?.due ?? nextDueOf(task);
  const dueTimes = scheduler && schedulerSettings(scheduler)?.dueTimes;
  if (!first || !dueTimes) return first ? [first] : [];
  const found = [first];
  try {
    // of the due times that have passed, only the one that is not served yet
    const fromMs = dueTimes.areRelative ? first.getTime() : Math.max(first.getTime(), nowMs);
    for (let ms = dueTimes.after(fromMs); found.length < COUNT && ms <= MAX_MS; ms = dueTimes.after(ms)) {
      found.push(new Date(ms));
    }
  } catch {
    // the schedule of the user fails; the condition of the task shows it
  }
  return found;
}

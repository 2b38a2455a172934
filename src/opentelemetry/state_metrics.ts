/**
 * The metrics of the state of tasks, which are read at each collection.
 *
 * @module
 */
import type { BatchObservableResult, Meter, Observable } from "@opentelemetry/api";
import { ATTRIBUTES } from "./names.ts";
import type { TaskFigures } from "./task_state.ts";

/** A task whose state is shown. */
export interface ShownTask {
  readonly name: string;
  figures(): TaskFigures;
}

/**
 * Shows the state of tasks at each collection.
 *
 * @param meter The meter.
 * @param tasks Returns the present tasks.
 * @returns Ends it.
 */
export function showState(meter: Meter, tasks: () => Iterable<ShownTask>): () => void {
  const gauge = (name: string, unit: string, description: string): Observable =>
    meter.createObservableGauge(`neat.periodic_task.${name}`, { unit, description });
  const successAge = gauge("success.age", "s", "Time since a run last finished, in any replica, as of the last check.");
  const failures = gauge(
    "consecutive_failures",
    "{failure}",
    "Failures in a row, in any replica, as of the last check.",
  );
  const missed = gauge(
    "due_times.missed",
    "{due_time}",
    "Due times for which no replica has finished a run, up to 10, as of the last check.",
  );
  const nextDue = gauge("next_due_time", "s", "Next due time in seconds since 1970, as of the last check.");
  const term = gauge("term", "{claim}", "Term of the last claim, of any replica, as of the last check.");
  const paused = gauge("paused", "{task}", "1 if the task is paused, otherwise 0, as of the last check.");
  const outage = gauge("store.outage.duration", "s", "Time for which the store has not answered; 0 if it answers.");
  const observe = (result: BatchObservableResult): void => {
    for (const task of tasks()) {
      const figures = task.figures();
      const show = (metric: Observable, value: number | undefined): void => {
        if (value !== undefined) result.observe(metric, value, { [ATTRIBUTES.name]: task.name });
      };
      show(successAge, figures.successAgeS);
      show(failures, figures.failures);
      show(nextDue, figures.nextDueS);
      show(missed, figures.missed);
      show(term, figures.term);
      show(paused, figures.isPaused === undefined ? undefined : Number(figures.isPaused));
      show(outage, figures.outageS);
    }
  };
  const observables = [successAge, failures, missed, nextDue, term, paused, outage];
  meter.addBatchObservableCallback(observe, observables);
  return () => meter.removeBatchObservableCallback(observe, observables);
}

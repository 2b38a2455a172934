/**
 * Checks that schedulers share a task through the store.
 *
 * @module
 */
import type { Run } from "../../options.ts";
import { NeatPeriodicTaskScheduler } from "../../scheduler.ts";
import type { Check, CheckContext } from "../check_context.ts";
import type { CheckedClient } from "../../store_check/checked_client.ts";
import { requireThat } from "../../store_check/store_check_error.ts";

type Task = (run: Run) => unknown;

function newScheduler(
  { settings }: CheckContext,
  { store }: CheckedClient,
  name: string,
  task: Task,
): NeatPeriodicTaskScheduler {
  const warn = (message: string, error?: unknown): void => {
    settings.report?.(`${message}${error === undefined ? "" : `: ${error}`}`);
  };
  return new NeatPeriodicTaskScheduler({
    name,
    interval: { hours: 1 },
    timeout: { minutes: 1 },
    store,
    log: { debug() {}, info() {}, warn, error() {} },
    task,
  });
}

async function schedulersShareATask(context: CheckContext): Promise<void> {
  const name = context.newKey();
  let task: Task = () => {};
  const one = newScheduler(context, context.one, name, (run) => task(run));
  const other = newScheduler(context, context.other, name, (run) => task(run));
  try {
    await mustHaveStatus(one, { state: "idle", term: 0 });
    const terms: number[] = [];
    for (const scheduler of [one, other]) {
      task = (run) => void terms.push(run.term);
      const { outcome } = await scheduler.trigger();
      requireThat(outcome === "finished", "a run that returns must be finished", outcome);
    }
    let outcomeElsewhere: string | undefined;
    task = async (run) => {
      terms.push(run.term);
      await mustHaveStatus(other, { state: "running", term: 3 });
      outcomeElsewhere = (await other.trigger()).outcome;
      throw new Error("fails on purpose");
    };
    const result = await one.trigger();
    const isFailed = result.outcome === "failed" && `${result.error}`.includes("on purpose");
    requireThat(isFailed, "a run that throws must have failed", result.error ?? result.outcome);
    const isExcluded = outcomeElsewhere === "running-elsewhere";
    requireThat(isExcluded, "a second scheduler must not run a task that is running", outcomeElsewhere);
    requireThat(terms.join() === "1,2,3", "terms must rise by one, 1,2,3", terms.join());
    for (const scheduler of [one, other]) await mustHaveStatus(scheduler, { state: "failed", term: 3 });
  } finally {
    for (const scheduler of [one, other]) await scheduler.stop({ abort: true });
  }
}

async function mustHaveStatus(
  scheduler: NeatPeriodicTaskScheduler,
  expected: { readonly state: string; readonly term: number },
): Promise<void> {
  const { state, term, recent } = await scheduler.status();
  const rule = `status() must return the state ${expected.state} and the term ${expected.term}`;
  requireThat(state === expected.state && term === expected.term, rule, { state, term });
  const endedRuns = expected.state === "running" ? term - 1 : term;
  requireThat(recent.length === endedRuns, `status() must return ${endedRuns} runs that have ended`, recent);
}

/** Checks of schedulers. */
export const SCHEDULER_CHECKS: readonly Check[] = [
  { name: "schedulers on two clients share a task", run: schedulersShareATask },
];

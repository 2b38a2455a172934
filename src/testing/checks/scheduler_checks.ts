/**
 * Checks that schedulers share a task through the store.
 *
 * @module
 */
import type { Run } from "../../options.ts";
import { NeatPeriodicTaskScheduler } from "../../scheduler.ts";
import type { Bench, Check } from "../bench.ts";
import { must } from "../expectation.ts";

/** What a run of the check is told to do. */
type Body = (run: Run) => unknown;

/** A scheduler of a task. */
function replica(bench: Bench, client: Bench["one"], name: string, body: Body): NeatPeriodicTaskScheduler {
  const warn = (message: string, error?: unknown): void => {
    bench.settings.report?.(`${message}${error === undefined ? "" : `: ${error}`}`);
  };
  return new NeatPeriodicTaskScheduler({
    name,
    interval: { hours: 1 },
    timeout: { minutes: 1 },
    store: client.store,
    log: { debug() {}, info() {}, warn, error() {} },
    task: body,
  });
}

async function schedulersShare(bench: Bench): Promise<void> {
  const name = bench.newKey();
  let body: Body = () => {};
  const one = replica(bench, bench.one, name, (run) => body(run));
  const other = replica(bench, bench.other, name, (run) => body(run));
  try {
    await mustShow(one, { state: "idle", term: 0 });
    const terms: number[] = [];
    for (const scheduler of [one, other]) {
      body = (run) => void terms.push(run.term);
      const { outcome } = await scheduler.trigger();
      must(outcome === "finished", "a run that returns must be finished", outcome);
    }
    let meanwhile: string | undefined;
    body = async (run) => {
      terms.push(run.term);
      await mustShow(other, { state: "running", term: 3 });
      meanwhile = (await other.trigger()).outcome;
      throw new Error("fails on purpose");
    };
    const result = await one.trigger();
    const isFailed = result.outcome === "failed" && `${result.error}`.includes("on purpose");
    must(isFailed, "a run that throws must have failed", result.error ?? result.outcome);
    must(meanwhile === "running-elsewhere", "a task that is running must not be run by another", meanwhile);
    must(terms.join() === "1,2,3", "terms must rise by one, 1,2,3", terms.join());
    for (const scheduler of [one, other]) await mustShow(scheduler, { state: "failed", term: 3 });
  } finally {
    for (const scheduler of [one, other]) await scheduler.stop({ abort: true });
  }
}

/** What the record says, to whichever scheduler. */
async function mustShow(
  scheduler: NeatPeriodicTaskScheduler,
  expected: { readonly state: string; readonly term: number },
): Promise<void> {
  const { state, term, recent } = await scheduler.status();
  const { length } = recent;
  const rule = `status() must show the state ${expected.state} and the term ${expected.term}`;
  must(state === expected.state && term === expected.term, rule, { state, term });
  const runs = expected.state === "running" ? term - 1 : term;
  must(length === runs, `status() must show ${runs} runs that have ended`, recent);
}

/** Checks of the whole. */
export const SCHEDULER_CHECKS: readonly Check[] = [
  { name: "schedulers on two clients share a task", run: schedulersShare },
];

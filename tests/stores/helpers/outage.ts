/**
 * A task whose store fails during a run: what is logged, what happens to the run, and when the task is back.
 *
 * @module
 */
import { NeatPeriodicTaskScheduler, type StatusStore } from "@neat/periodic-task";
import { assert, assertEquals, assertLess, assertMatch } from "@std/assert";

/** A fault of a store. */
export interface StoreFault {
  /** Begins the fault. Called while a run is in progress. */
  readonly begin: () => unknown;
  /** Ends the fault; it ends by itself if absent. */
  readonly end?: () => unknown;
  /** The error that the first failed call logs. If absent no call fails. */
  readonly logs?: RegExp;
  /** The warning if no call fails. If absent nothing is logged. */
  readonly warns?: RegExp;
}

/** Defines a test with faults, which takes real time and so runs with `deno task test:stores` alone. */
export function faultTest(name: string, fn: (t: Deno.TestContext) => Promise<void>): void {
  const isWanted = Deno.env.get("NEAT_TEST_STORES") === "1";
  Deno.test({ name: isWanted ? name : `${name} (skipped: \`deno task test:stores\` runs it)`, ignore: !isWanted, fn });
}

/** Longer than any outage here, so that the lease of the run in progress stays valid. */
const TIMEOUT_MS = 30_000;
const INTERVAL_MS = 400;
const MIN_CYCLE_MS = 200;
/** A second is the shortest limit of the wait after failures; a call may hang until its limit, and a driver wait to connect. */
const BACK_MS = 5_000;
const LIMIT_MS = 20_000;
const POLL_MS = 10;

/** A run of the task. */
interface SeenRun {
  readonly term: number;
  endedMs: number | undefined;
}

/**
 * Requires that a scheduler survives a fault of its store which begins during a run: the fault is logged once with its error, the
 * run finishes and is recorded once the store is back, and the next run follows with the next term.
 *
 * @param store The store, whose calls end in a second.
 * @param fault The fault.
 */
export async function surviveFault(store: StatusStore, { begin, end, logs, warns }: StoreFault): Promise<void> {
  const lines: string[] = [];
  const runs: SeenRun[] = [];
  const finished: number[] = [];
  let gate: Promise<void> | undefined;
  const note = (message: string, ...details: unknown[]): void => void lines.push([message, ...details].join(" "));
  await using scheduler = new NeatPeriodicTaskScheduler({
    name: `fault ${crypto.randomUUID()}`,
    interval: INTERVAL_MS,
    minCycle: MIN_CYCLE_MS,
    timeout: TIMEOUT_MS,
    store,
    log: { info: note, warn: note, error: note },
    task: async ({ term }) => {
      const run: SeenRun = { term, endedMs: undefined };
      assert(runs.every(({ endedMs }) => endedMs !== undefined), "two runs at once");
      runs.push(run);
      await gate;
      run.endedMs = performance.now();
    },
  });
  let failures = 0;
  let isBack = false;
  scheduler.addEventListener("storeerror", () => failures++);
  scheduler.addEventListener("storeback", () => isBack = true);
  scheduler.addEventListener("finished", ({ term }) => finished.push(term));
  scheduler.start();
  await until(() => finished.length > 0, "the first run");
  const { promise, resolve } = Promise.withResolvers<void>();
  gate = promise;
  const before = runs.length;
  await until(() => runs.length > before, "a run in progress");
  const during = runs.at(-1)?.term ?? 0;
  await begin();
  const linesBefore = lines.length;
  gate = undefined;
  resolve();
  // a fault that ends by itself may be over before anything else is noticed
  if (logs) await until(() => failures > 0, "a failed call");
  await end?.();
  const endedMs = performance.now();
  if (logs) {
    await until(() => isBack, "the store is back");
    assertLess(performance.now() - endedMs, BACK_MS);
  }
  await until(() => runs.some(({ term }) => term > during), "a run after the fault");
  await until(() => finished.includes(during), "the end of the run in progress");
  const logged = lines.slice(linesBefore).filter((line) => !line.startsWith("### ["));
  await scheduler.stop();
  if (logs) {
    assertMatch(logged[0] ?? "", /: store call failed, retrying /);
    assertMatch(logged[0] ?? "", logs);
    assertMatch(logged.at(-1) ?? "", /: store answers again after \d+ s, \d+ calls? failed$/);
    assert(logged.slice(1, -1).every((line) => /: store has not answered for /.test(line)), logged.join("\n"));
  } else {
    assertEquals(logged.length, warns ? 1 : 0, logged.join("\n"));
    if (warns) assertMatch(logged[0] ?? "", warns);
  }
  assert(!lines.some((line) => line.includes("[FAILED]")), lines.join("\n"));
  assertEquals(finished.filter((term) => term === during).length, 1);
  // no run is lost, and none comes twice
  assertEquals(runs.map(({ term }) => term), runs.map((_, index) => index + 1));
}

/** Waits until a condition holds. */
export async function until(holds: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const deadlineMs = performance.now() + LIMIT_MS;
  while (!await holds()) {
    assertLess(performance.now(), deadlineMs, `no sign within ${LIMIT_MS} ms of ${what}`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

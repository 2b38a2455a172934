/** A Cloudflare Worker that runs tasks: bundled, and run by workerd. Each path is a case that responds with JSON. */
import { type Logger, MemoryStore, NeatPeriodicTaskScheduler } from "@neat/periodic-task";

const lines: string[] = [];

const log: Logger = {
  info: (message) => lines.push(message),
  warn: (message, error) => lines.push(`${message} ${error}`),
  error: (message, error) => lines.push(`${message} ${error}`),
};

const common = {
  interval: { hours: 1 },
  timeout: { seconds: 30 },
  log,
  task: ({ term }: { term: number }): void => void lines.push(`term ${term}`),
};

// at the top level, where a worker has no timers and no random numbers
const scheduler = new NeatPeriodicTaskScheduler({ ...common, name: "worker", store: new MemoryStore() });

async function trigger(scheduler: NeatPeriodicTaskScheduler): Promise<unknown> {
  const { outcome } = await scheduler.trigger();
  return { outcome, lines: lines.splice(0) };
}

/** Runs the loop during a request. */
async function loop(): Promise<unknown> {
  const timing = { interval: 50, minCycle: 10 };
  const scheduler = new NeatPeriodicTaskScheduler({ ...common, ...timing, name: "loop" });
  const terms: unknown[] = [];
  const hasRunThrice = new Promise<void>((resolve) => {
    scheduler.addEventListener("finished", ({ term }) => {
      if (terms.push(term) === 3) resolve();
    });
  });
  scheduler.start();
  await hasRunThrice;
  const { clean } = await scheduler.stop();
  lines.length = 0;
  return { terms: terms.slice(0, 3), clean };
}

const CASES: Readonly<Record<string, () => Promise<unknown>>> = {
  "/trigger": () => trigger(scheduler),
  "/own": () => trigger(new NeatPeriodicTaskScheduler({ ...common, name: "own" })),
  "/failure": () => {
    const task = (): never => {
      throw new RangeError("no connection");
    };
    return trigger(new NeatPeriodicTaskScheduler({ ...common, name: "failing", task }));
  },
  "/timeout": () => {
    const task = (run: { signal: AbortSignal }): Promise<never> =>
      new Promise((_resolve, reject) => run.signal.addEventListener("abort", () => reject(run.signal.reason)));
    return trigger(new NeatPeriodicTaskScheduler({ ...common, name: "late", timeout: 20, task }));
  },
  "/loop": loop,
  "/lines": () => Promise.resolve(lines.splice(0)),
};

interface Worker {
  fetch(request: Request): Promise<Response>;
  scheduled(): Promise<void>;
}

const worker: Worker = {
  fetch: async ({ url }) => {
    try {
      const run = CASES[new URL(url).pathname];
      return run ? Response.json(await run()) : new Response("no such case", { status: 404 });
    } catch (error) {
      return new Response(`${(error as Error).stack}`, { status: 500 });
    }
  },
  // runs on a Cron Trigger
  scheduled: async () => void await scheduler.trigger(),
};

export default worker;

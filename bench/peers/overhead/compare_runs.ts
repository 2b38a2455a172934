import { fileURLToPath } from "node:url";
import { ROOT } from "../../../internal/processes/deno_command.ts";
import { median } from "../../percentile.ts";
import type { PartOptions } from "../../report/section.ts";
import { runProcess } from "../../../internal/processes/run_process.ts";
import { rotated } from "../rotated.ts";
import { delayedFakeGcs, type GcsServer } from "./gcs_servers.ts";
import type { Cost, Met, RunsRequest, StoreName, Writer } from "./request.ts";

const TIMEOUT_MS = 180_000;
const SCRIPT = fileURLToPath(new URL("./measure_runs.ts", import.meta.url));

/** How many runs are in progress at once in a process with many tasks. */
export const AT_ONCE = 16;

/** The delay of the distant server. */
export const DISTANCE_MS = 5;

/** The share of the maximum runs that is due by timers. */
export const LOAD = 0.8;

/** Lengths of the measurements, and the number of tasks of a process with many. */
interface Times {
  readonly warmUpMs: number;
  readonly totalMs: number;
  readonly tasks: number;
  readonly minIntervalMs: number;
  /** The minimum length of a measurement by timers. */
  readonly minTimersMs: number;
}

const FULL: Times = { warmUpMs: 800, totalMs: 1_200, tasks: 10_000, minIntervalMs: 100, minTimersMs: 3_000 };
const SHORT: Times = { warmUpMs: 50, totalMs: 150, tasks: 100, minIntervalMs: 500, minTimersMs: 500 };

/** The runs of a process with many tasks. */
export interface ManyTasks {
  /** The floor: two writes by the store's client. */
  readonly floor: Cost;
  readonly ours: Cost;
  /** The share of the runs due by timers that took place. */
  readonly met: number;
}

/** Compares the cost of runs by several writers, each time in a process of its own and on a new file or server. */
export class RunComparison {
  readonly #times: Times;
  readonly #repetitions: number;
  readonly #server: GcsServer;

  constructor({ isShort, repetitions }: PartOptions, server: GcsServer) {
    this.#times = isShort ? SHORT : FULL;
    this.#repetitions = repetitions;
    this.#server = server;
  }

  /** The number of tasks in a process with many. */
  get tasks(): number {
    return this.#times.tasks;
  }

  /** Measures the runs of one task one after another. */
  oneTask<Name extends Writer>(store: StoreName, writers: readonly Name[]): Promise<Record<Name, Cost>> {
    return this.#compare(store, writers, 1);
  }

  /** Measures the runs of many tasks in one process: as fast as possible, and by timers. */
  async manyTasks(store: StoreName): Promise<ManyTasks> {
    const { tasks, minIntervalMs, minTimersMs } = this.#times;
    const { client: floor, interval: ours } = await this.#compare(store, ["client", "interval"], tasks);
    const intervalMs = Math.ceil(Math.max(minIntervalMs, tasks / (LOAD * ours.runsPerSecond) * 1_000));
    const totalMs = intervalMs * Math.ceil(minTimersMs / intervalMs);
    const shares: number[] = [];
    for (let repetition = 0; repetition < this.#repetitions; repetition++) {
      shares.push((await this.#measure<Met>({ store, tasks, totalMs, intervalMs })).share);
    }
    return { floor, ours, met: median(shares) };
  }

  async #compare<Name extends Writer>(
    store: StoreName,
    writers: readonly Name[],
    tasks: number,
  ): Promise<Record<Name, Cost>> {
    const { warmUpMs, totalMs } = this.#times;
    const atOnce = tasks === 1 ? 1 : AT_ONCE;
    const found = new Map<Name, Cost[]>(writers.map((writer) => [writer, []]));
    for (let repetition = 0; repetition < this.#repetitions; repetition++) {
      for (const writer of rotated(writers, repetition)) {
        const request = { store, tasks, totalMs, continuous: { writer, atOnce, warmUpMs } };
        found.get(writer)?.push(await this.#measure<Cost>(request));
      }
    }
    return Object.fromEntries([...found].map(([writer, costs]) => [writer, medianOf(costs)])) as Record<Name, Cost>;
  }

  async #measure<Figures>(request: Omit<RunsRequest, "location">): Promise<Figures> {
    await using scope = new AsyncDisposableStack();
    const location = await this.#open(request.store, scope);
    const args = ["run", "-A", "--quiet", "--unstable-kv", SCRIPT, JSON.stringify({ ...request, location })];
    return JSON.parse(
      await runProcess(Deno.execPath(), args, { timeoutMs: TIMEOUT_MS, cwd: fileURLToPath(ROOT) }),
    ) as Figures;
  }

  async #open(store: StoreName, scope: AsyncDisposableStack): Promise<string> {
    if (store === "gcs-distant") return scope.use(await delayedFakeGcs(DISTANCE_MS).start()).url;
    if (store === "gcs") return scope.use(await this.#server.start()).url;
    if (store !== "kv-file") return "";
    const folder = await Deno.makeTempDir({ prefix: "periodic_task_bench_" });
    scope.defer(() => Deno.remove(folder, { recursive: true }));
    return `${folder}/kv.sqlite3`;
  }
}

function medianOf(costs: readonly Cost[]): Cost {
  const of = (figure: keyof Cost): number => median(costs.map((cost) => cost[figure]));
  return { runsPerSecond: of("runsPerSecond"), wallUs: of("wallUs"), cpuUs: of("cpuUs") };
}

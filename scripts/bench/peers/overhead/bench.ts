import { fileURLToPath } from "node:url";
import { ROOT } from "../../../deno_command.ts";
import { median } from "../../percentile.ts";
import type { PartOptions } from "../../results/section.ts";
import { runToEnd } from "../process.ts";
import { rotated } from "../workshop.ts";
import type { Cost, Kept, Order, PlaceName, Writer } from "./order.ts";
import { type GcsServer, ownGcsServer } from "./servers.ts";

const LIMIT_MS = 180_000;
const SCRIPT = fileURLToPath(new URL("child.ts", import.meta.url));

/** How many runs are under way at a time where one process has many tasks. */
export const AT_ONCE = 16;

/** How long the server that stands for one far away waits before it answers. */
export const DISTANCE_MS = 5;

/** The part of what a process can do that is asked of it by timers. */
export const LOAD = 0.8;

/** How long things take, and how many tasks one process has. */
interface Times {
  readonly warmUpMs: number;
  readonly totalMs: number;
  readonly tasks: number;
  readonly leastIntervalMs: number;
  /** At the least, of what is kept by timers. */
  readonly keptMs: number;
}

const FULL: Times = { warmUpMs: 800, totalMs: 1_200, tasks: 10_000, leastIntervalMs: 100, keptMs: 3_000 };
const SHORT: Times = { warmUpMs: 50, totalMs: 150, tasks: 100, leastIntervalMs: 500, keptMs: 500 };

/** What a process with many tasks does. */
export interface Sustained {
  /** The floor: two writes by the store's client. */
  readonly floor: Cost;
  readonly ours: Cost;
  /** Of the runs that are due by timers. */
  readonly kept: number;
}

/** Measures the overhead of runs, each time in a process of its own and on a new file or server. */
export class OverheadBench {
  readonly #times: Times;
  readonly #repetitions: number;
  readonly #server: GcsServer;

  constructor({ isShort, repetitions }: PartOptions, server: GcsServer) {
    this.#times = isShort ? SHORT : FULL;
    this.#repetitions = repetitions;
    this.#server = server;
  }

  /** How many tasks a process has that has many. */
  get tasks(): number {
    return this.#times.tasks;
  }

  /** What the runs of one task cost, one after another. */
  inTurn<Name extends Writer>(place: PlaceName, writers: readonly Name[]): Promise<Record<Name, Cost>> {
    return this.#compare(place, writers, 1);
  }

  /** What one process with many tasks does: as much as it can, and how much of it by timers. */
  async sustained(place: PlaceName): Promise<Sustained> {
    const { tasks, leastIntervalMs, keptMs } = this.#times;
    const { client: floor, life: ours } = await this.#compare(place, ["client", "life"], tasks);
    const intervalMs = Math.ceil(Math.max(leastIntervalMs, tasks / (LOAD * ours.runsPerSecond) * 1_000));
    const totalMs = intervalMs * Math.ceil(keptMs / intervalMs);
    const shares: number[] = [];
    for (let repetition = 0; repetition < this.#repetitions; repetition++) {
      shares.push((await this.#measure<Kept>({ place, tasks, totalMs, intervalMs })).share);
    }
    return { floor, ours, kept: median(shares) };
  }

  async #compare<Name extends Writer>(
    place: PlaceName,
    writers: readonly Name[],
    tasks: number,
  ): Promise<Record<Name, Cost>> {
    const { warmUpMs, totalMs } = this.#times;
    const atOnce = tasks === 1 ? 1 : AT_ONCE;
    const found = new Map<Name, Cost[]>(writers.map((writer) => [writer, []]));
    for (let repetition = 0; repetition < this.#repetitions; repetition++) {
      for (const writer of rotated(writers, repetition)) {
        const order = { place, tasks, totalMs, back: { writer, atOnce, warmUpMs } };
        found.get(writer)?.push(await this.#measure<Cost>(order));
      }
    }
    return Object.fromEntries([...found].map(([writer, costs]) => [writer, medianOf(costs)])) as Record<Name, Cost>;
  }

  async #measure<Figures>(order: Omit<Order, "at">): Promise<Figures> {
    await using scope = new AsyncDisposableStack();
    const at = await this.#open(order.place, scope);
    const args = ["run", "-A", "--quiet", "--unstable-kv", SCRIPT, JSON.stringify({ ...order, at })];
    return JSON.parse(
      await runToEnd(Deno.execPath(), args, { limitMs: LIMIT_MS, cwd: fileURLToPath(ROOT) }),
    ) as Figures;
  }

  async #open(place: PlaceName, scope: AsyncDisposableStack): Promise<string> {
    if (place === "gcs-distant") return scope.use(await ownGcsServer(DISTANCE_MS).start()).url;
    if (place === "gcs") return scope.use(await this.#server.start()).url;
    if (place !== "kv-file") return "";
    const folder = await Deno.makeTempDir({ prefix: "periodic_task_bench_" });
    scope.defer(() => Deno.remove(folder, { recursive: true }));
    return `${folder}/kv.sqlite3`;
  }
}

function medianOf(costs: readonly Cost[]): Cost {
  const of = (figure: keyof Cost): number => median(costs.map((cost) => cost[figure]));
  return { runsPerSecond: of("runsPerSecond"), wallUs: of("wallUs"), cpuUs: of("cpuUs") };
}

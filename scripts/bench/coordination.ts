import { AHEAD_MS, type Maker, type Outcome, type Setting, simulate, START_MS } from "./fleet.ts";
import { LATENCY_MS } from "./metered_store.ts";
import { goal, printTable, printTitle } from "./report.ts";

const HOUR_MS = 3_600_000;
const SEED = 1;

/** A setting, and for how long it is simulated with how many replicas. */
interface Scene {
  readonly title: string;
  readonly setting: Setting;
  readonly hours: Readonly<Record<number, number>>;
}

/** Once an hour, with the defaults of both. */
export const HOURLY: Setting = { interval: HOUR_MS, timeout: 600_000, taskMs: 60_000 };

/** As in the original's own example. */
export const FREQUENT: Setting = { interval: 30_000, timeout: 5_000, minCycle: 5_000, taskMs: 1_000 };

const SCENES: Scene[] = [
  {
    title: "interval 1 h, timeout 10 min, task 1 min",
    setting: HOURLY,
    hours: { 1: 240, 3: 240, 10: 240, 100: 240, 1_000: 240 },
  },
  {
    title: "interval 30 s, timeout and minCycle 5 s, task 1 s",
    setting: FREQUENT,
    // so short where a simulation of ten days would take minutes
    hours: { 1: 24, 3: 24, 10: 24, 100: 6, 1_000: 2 },
  },
];

function row(name: string, hours: number, outcome: Outcome, remark = ""): string[] {
  const { runs, reads, writes, conflicts, overlaps, repeated, missed } = outcome;
  const perRun = [reads, writes, conflicts].map((calls) => (calls / runs).toFixed(2));
  const span = hours % 24 === 0 ? `${hours / 24} d` : `${hours} h`;
  return [name, span, String(runs), ...perRun, ...[overlaps, repeated, missed].map(String), remark];
}

/** Whether the outcome is as good as promised, and what was promised. */
function judged(replicas: number, { runs, reads, writes, conflicts, overlaps, repeated, missed }: Outcome): string {
  const mostReads = 1.2 * replicas + 1;
  const isCheap = reads <= mostReads * runs && writes <= 2.05 * runs && conflicts <= 0.05 * runs;
  const isRight = overlaps + repeated + Math.abs(missed) === 0;
  return goal(isCheap && isRight, `at most ${mostReads.toFixed(1)}, 2.05 and 0.05; none of the rest`);
}

async function rows(replicas: number, hours: number, setting: Setting): Promise<string[][]> {
  const outcomeOf = (maker: Maker): Promise<Outcome> => simulate(maker, replicas, setting, hours * HOUR_MS, SEED);
  const ours = await outcomeOf("this package");
  return [
    row(`${replicas} x this package`, hours, ours, judged(replicas, ours)),
    row(`${replicas} x original`, hours, await outcomeOf("original")),
  ];
}

/** Prints what replicas that share a task ask of their store, beside the original. */
export async function benchCoordination(): Promise<void> {
  const seconds = START_MS / 1_000;
  printTitle(
    `Replicas that share a task, in simulated time: calls to the store for each run (seed ${SEED})`,
    `a call takes ${LATENCY_MS.least} to ${LATENCY_MS.most} ms: a read answers with what stood there when it was sent,`,
    "and a write takes effect when it is answered, which leaves the most room for conflicts",
    `the replicas start within ${seconds} s, by clocks up to ${AHEAD_MS} ms apart; all calls since are counted`,
    "original: a model of its published algorithm, with its defaults for what is not named",
  );
  for (const { title, setting, hours } of SCENES) {
    const table: string[][] = [];
    for (const [replicas, length] of Object.entries(hours)) {
      table.push(...await rows(Number(replicas), length, setting));
    }
    console.log(`\n  ${title}; reads, writes and conflicts are those of a run`);
    printTable(["", "span", "runs", "reads", "writes", "conflicts", "overlaps", "repeated", "missed"], table);
  }
}

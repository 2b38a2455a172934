import { LATENCY_MS } from "../../internal/simulation/metered_store.ts";
import {
  FREQUENT,
  HOURLY,
  type Implementation,
  MAX_OFFSET_MS,
  type SimulatedCalls,
  type SimulatedTask,
  simulateReplicas,
  START_MS,
} from "../../internal/simulation/simulate_replicas.ts";
import { goal, printTable, printTitle } from "../report/print_table.ts";

const HOUR_MS = 3_600_000;
const SEED = 1;

/** A task, and how many hours of it are simulated for each number of replicas. */
interface Case {
  readonly title: string;
  readonly task: SimulatedTask;
  readonly hours: Readonly<Record<number, number>>;
}

const CASES: Case[] = [
  {
    title: "interval 1 h, timeout 10 min, task 1 min",
    task: HOURLY,
    hours: { 1: 240, 3: 240, 10: 240, 100: 240, 1_000: 240 },
  },
  {
    title: "interval 30 s, timeout and minCycle 5 s, task 1 s",
    task: FREQUENT,
    // ten days of many replicas would take minutes
    hours: { 1: 24, 3: 24, 10: 24, 100: 6, 1_000: 2 },
  },
];

function row(name: string, hours: number, calls: SimulatedCalls, remark = ""): string[] {
  const { runs, reads, writes, conflicts, overlaps, repeated, missed } = calls;
  const perRun = [reads, writes, conflicts].map((count) => (count / runs).toFixed(2));
  const span = hours % 24 === 0 ? `${hours / 24} d` : `${hours} h`;
  return [name, span, String(runs), ...perRun, ...[overlaps, repeated, missed].map(String), remark];
}

/** Compares the calls with the goal. */
function remark(replicas: number, calls: SimulatedCalls): string {
  const { runs, reads, writes, conflicts, overlaps, repeated, missed } = calls;
  const maxReads = 1.2 * replicas + 1;
  const isCheap = reads <= maxReads * runs && writes <= 2.05 * runs && conflicts <= 0.05 * runs;
  const isCorrect = overlaps + repeated + Math.abs(missed) === 0;
  return goal(isCheap && isCorrect, `at most ${maxReads.toFixed(1)}, 2.05 and 0.05; none of the rest`);
}

async function rows(replicas: number, hours: number, task: SimulatedTask): Promise<string[][]> {
  const simulate = (implementation: Implementation): Promise<SimulatedCalls> =>
    simulateReplicas(implementation, replicas, task, hours * HOUR_MS, SEED);
  const ours = await simulate("this package");
  return [
    row(`${replicas} x this package`, hours, ours, remark(replicas, ours)),
    row(`${replicas} x original`, hours, await simulate("original")),
  ];
}

/** Prints how often replicas that share a task call their store, beside the original. */
export async function benchCoordination(): Promise<void> {
  printTitle(
    `Replicas that share a task, in simulated time: calls to the store for each run (seed ${SEED})`,
    `a call takes ${LATENCY_MS.min} to ${LATENCY_MS.max} ms: a read returns the record at the time it was sent,`,
    "and a write takes effect at the time it is answered, which leaves the most time for conflicts",
    `the replicas start within ${
      START_MS / 1_000
    } s, by clocks up to ${MAX_OFFSET_MS} ms apart; all calls since are counted`,
    "original: a model of its published algorithm, with its defaults for what is not named",
  );
  for (const { title, task, hours } of CASES) {
    const table: string[][] = [];
    for (const [replicas, length] of Object.entries(hours)) {
      table.push(...await rows(Number(replicas), length, task));
    }
    console.log(`\n  ${title}; reads, writes and conflicts are those of a run`);
    printTable(["", "span", "runs", "reads", "writes", "conflicts", "overlaps", "repeated", "missed"], table);
  }
}

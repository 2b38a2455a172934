/**
 * Three replicas as real processes on one Deno KV file, controlled from a fourth process, this one, while one of them is killed.
 */
import { assert, assertEquals } from "@std/assert";
import { checkLog } from "../../internal/replicas/check_log.ts";
import { sleep } from "../../internal/replicas/disruption.ts";
import { isType, type LogEntry } from "../../internal/replicas/log.ts";
import { ReplicaProcesses } from "../../internal/replicas/replica_processes.ts";
import { DENO_KV_SETTINGS, type ReplicaSettings } from "../../internal/replicas/settings.ts";
import { type ListedTask, listTasks, pauseTask, readTask, requestRun, resumeTask } from "../../src/control.ts";
import { DenoKvStore } from "../../stores/deno_kv.ts";

/** Long enough for a run that is requested between two due times. A run takes 0.6 s at most, and the check between them is halfway. */
const SETTINGS: ReplicaSettings = { ...DENO_KV_SETTINGS, intervalMs: 2_000 };

/** The name of the task of internal/replicas/replica.ts. */
const NAME = "shared";

const isWanted = Deno.env.get("NEAT_TEST_STORES") === "1";
const reason = isWanted ? "" : " (skipped: `deno task test:stores` runs it)";

Deno.test({
  name: `a fourth process lists, requests, pauses and resumes while one of three replicas is killed${reason}`,
  ignore: !isWanted,
  fn: async () => {
    const folder = await Deno.makeTempDir({ prefix: "periodic_task_" });
    try {
      using kv = await Deno.openKv(`${folder}/kv.sqlite3`);
      await using replicas = new ReplicaProcesses(`${folder}/log`, SETTINGS, ["--kv", `${folder}/kv.sqlite3`]);
      for (let count = 0; count < 3; count++) replicas.start();
      await controlReplicas(replicas, new DenoKvStore({ kv }));
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});

async function controlReplicas(replicas: ReplicaProcesses, store: DenoKvStore): Promise<void> {
  await replicas.until((entries) => entries.filter(isType("joined")).length === 3);
  await afterRun(replicas, 1);
  assertEquals((await tasksIn(store)).map(({ kind, name }) => [kind, name]), [["task", NAME]]);

  await requestIsServedOnce(replicas, store);
  const killed = await killRunning(replicas);
  await pauseHolds(replicas, store);
  await runsAfterResume(replicas, store);

  const codes = await Promise.all(replicas.pids.map((pid) => replicas.stop(pid)));
  if (Deno.build.os !== "windows") assertEquals(codes, [0, 0]);
  const entries = await replicas.read();
  assertNothingTwice(entries);
  // the runs after the kill are those of the other two
  const later = entries.filter(isType("started")).filter(({ atMs }) => atMs > killed.atMs);
  assert(later.length > 0 && later.every(({ pid }) => pid !== killed.pid));
}

async function tasksIn(store: DenoKvStore): Promise<ListedTask[]> {
  const tasks: ListedTask[] = [];
  for await (const task of listTasks(store)) tasks.push(task);
  return tasks;
}

/** Waits until a run of a term, or of a later one, has ended. Returns its term. */
async function afterRun(replicas: ReplicaProcesses, minTerm: number): Promise<number> {
  const isEnd = (entry: LogEntry): boolean => entry.type === "ended" && entry.term >= minTerm;
  await replicas.until((entries) => entries.some(isEnd));
  return replicas.entries.filter(isType("ended")).at(-1)?.term ?? 0;
}

/** A request causes one run more than there are due times. */
async function requestIsServedOnce(replicas: ReplicaProcesses, store: DenoKvStore): Promise<void> {
  const term = await afterRun(replicas, 2);
  const { outcome, status } = await requestRun(store, NAME, { by: "the fourth process" });
  assertEquals([outcome, status.requestedBy], ["requested", "the fourth process"]);
  const served = await afterRun(replicas, Math.max(term, status.term) + 1);
  assertEquals((await readTask(store, NAME))?.requested, undefined);
  await afterRun(replicas, served + 1);
  const runs = replicas.entries.filter(isType("started"));
  const dueTimes = new Set(runs.map(({ scheduledMs }) => scheduledMs));
  // a request that is noticed at a due time is served by the run for that time
  const repeated = isStarved(replicas.entries) ? 0 : runs.length - dueTimes.size;
  assert(repeated <= 1, `${runs.length} runs for ${dueTimes.size} due times and a request`);
}

/** Kills a replica in its run. */
async function killRunning(replicas: ReplicaProcesses): Promise<LogEntry> {
  const { length } = replicas.entries.filter(isType("started"));
  await replicas.until((entries) => entries.filter(isType("started")).length > length);
  const [run] = replicas.entries.filter(isType("started")).slice(-1);
  assert(run);
  await replicas.kill(run.pid);
  return run;
}

/** No run is claimed while the task is paused, neither at a due time nor at the end of the lease of the killed replica. */
async function pauseHolds(replicas: ReplicaProcesses, store: DenoKvStore): Promise<void> {
  const { outcome, status } = await pauseTask(store, NAME, { by: "the fourth process", reason: "migration" });
  assertEquals([outcome, status.pauseReason], ["paused", "migration"]);
  await sleep(SETTINGS.intervalMs + SETTINGS.leaseMs);
  const [task] = await tasksIn(store);
  assert(task?.kind === "task");
  assertEquals([task.status.term, task.status.pausedBy], [status.term, "the fourth process"]);
  const terms = (await replicas.read()).filter(isType("started")).map(({ term }) => term);
  assertEquals(terms.filter((term) => term > status.term), []);
}

/** A resumed task is run by one of the other two. */
async function runsAfterResume(replicas: ReplicaProcesses, store: DenoKvStore): Promise<void> {
  const { outcome, status } = await resumeTask(store, NAME);
  assertEquals([outcome, status.paused], ["resumed", undefined]);
  await afterRun(replicas, status.term + 2);
}

/** No run overlaps another, and no write of an overtaken run is accepted: the kinds of violations that control could cause. */
function assertNothingTwice(entries: readonly LogEntry[]): void {
  const violations = checkLog(entries, SETTINGS).violations.filter(({ kind }) => kind !== "other");
  assertEquals(violations.map(({ message }) => message), []);
  const terms = entries.filter(isType("started")).map(({ term }) => term);
  assertEquals(terms.length, new Set(terms).size);
}

/** Whether a replica or the store was so slow that a run may have lost its lease and been repeated. */
function isStarved(entries: readonly LogEntry[]): boolean {
  const slowMs = SETTINGS.leaseMs / 2;
  return entries.some((entry) =>
    entry.type === "stalled" && entry.atMs - entry.sinceMs > slowMs ||
    entry.type === "answered" && (entry.answer === "failed" || entry.atMs - entry.sentMs > slowMs)
  );
}

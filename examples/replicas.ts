/**
 * What happens when a replica crashes, and when one stops?
 *
 * Three processes share one task. The one that runs it is killed, and another takes over. That one gets SIGTERM and finishes its
 * run, and the third runs the next one. Ends after less than half a minute with a table, and fails if runs overlapped or no replica
 * took over. A replica's own code is in replicas/replica.ts; this file starts three of them, ends them, and counts.
 *
 * A dashboard shows the replicas meanwhile. With `--stay`, they run again afterwards, until Ctrl-C.
 *
 *   deno run --unstable-kv -A examples/replicas.ts [--store deno-kv|sqlite] [--stay]
 */
import { parseArgs } from "node:util";
import { serveDashboard } from "./replicas/demo_dashboard.ts";
import { Processes, type Run } from "./replicas/processes.ts";
import { overlaps, seconds, table } from "./replicas/report.ts";
import { isStoreName, openStore, STORES } from "./replicas/store.ts";

/** A run takes two seconds: this long after its start it is in its middle. */
const MIDDLE_MS = 800;
/** The demo fails if it takes longer. */
const LIMIT_MS = 90_000;

const { values: { store: name, stay } } = parseArgs({
  options: { store: { type: "string", default: "deno-kv" }, stay: { type: "boolean", default: false } },
});
if (!isStoreName(name)) {
  console.error(`--store must be one of ${STORES.join(", ")}: it is ${name}`);
  Deno.exit(2);
}

await using processes = new Processes(name);
onSignal("SIGINT", 130);
// Windows has no SIGTERM
if (Deno.build.os !== "windows") onSignal("SIGTERM", 143);
const limit = setTimeout(() => {
  console.error(`FAILED: not done after ${seconds(LIMIT_MS)}`);
  exit(1);
}, LIMIT_MS);

await processes.createDatabase();
using opened = await openStore(processes.store, processes.file);
await using dashboard = await serveDashboard(opened.store);
processes.print(dashboard ? `the dashboard is on ${dashboard.url}` : "there is no dashboard, as Hono cannot be loaded");
for (const name of ["A", "B", "C"]) processes.start(name);
await processes.until(() => processes.runs[1]?.endedMs);

const killed = await nextRun();
await middleOf(killed);
await processes.end(killed.replica, "SIGKILL", `SIGKILL in the middle of term ${killed.term}`);
const killedMs = killed.endedMs ??= Date.now();
processes.print(`replica ${killed.replica.name} was killed by SIGKILL in the middle of its run, term ${killed.term}`);
const { state, heartbeatMs, leaseMs } = await record();
processes.print(`the record's state is "${state}"; its last heartbeat is ${seconds(Date.now() - heartbeatMs)} old`);

const takeover = await nextRun();
const takeoverMs = takeover.startedMs - heartbeatMs;
processes.print(`replica ${takeover.replica.name} takes over, ${seconds(takeoverMs)} after that heartbeat`);
await processes.until(() => takeover.endedMs);

const stopped = await nextRun();
await middleOf(stopped);
processes.print(`replica ${stopped.replica.name} gets SIGTERM in the middle of its run, term ${stopped.term}`);
await processes.end(stopped.replica, "SIGTERM", `SIGTERM in the middle of term ${stopped.term}, which it finished`);

const last = await nextRun();
const lateMs = last.startedMs - last.dueMs;
processes.print(`replica ${last.replica.name} runs the task next, ${seconds(lateMs)} after the due time`);
await processes.until(() => last.endedMs);
await processes.end(last.replica, "SIGTERM", "SIGTERM at the end");
clearTimeout(limit);

const overlapping = overlaps(processes.runs);
const terms = overlapping.map(([one, other]) => ` (of terms ${one.term} and ${other.term})`).join("");
console.log(`
${table(processes.replicas, processes.runs)}

runs      ${processes.runs.length}
overlaps  ${overlapping.length}${terms}
takeover  ${seconds(takeover.startedMs - killedMs)} after SIGKILL, ${seconds(takeoverMs)} after the last heartbeat; \
the lease is ${seconds(leaseMs)}
handover  ${seconds(lateMs)} after the due time: a replica that stops leaves no lease behind`);
if (overlapping.length > 0) fail("runs overlapped");
if (state !== "running" || takeover.replica === killed.replica) fail("no run was taken over");
if (dashboard) {
  console.log(`dashboard ${dashboard.url}task?name=hello-world${stay ? "" : " until now; --stay keeps it open"}`);
}
if (stay) await runAgain();

/** Starts the replicas again, until a signal ends the demo. */
async function runAgain(): Promise<never> {
  processes.print("the replicas run again, until Ctrl-C");
  for (const name of ["A", "B", "C"]) processes.start(name);
  return await processes.until(() => undefined as never);
}

/** Resolves when the next run starts. */
function nextRun(): Promise<Run> {
  const { length } = processes.runs;
  return processes.until(() => processes.runs[length]);
}

/** Resolves in the middle of a run. */
async function middleOf({ startedMs }: Run): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, startedMs + MIDDLE_MS - Date.now()));
}

/** Reads the record that the killed run has left. */
async function record(): Promise<{ state: string; heartbeatMs: number; leaseMs: number }> {
  const entry = await opened.store.read("hello-world");
  const { state, heartbeat, started, lease } = JSON.parse(new TextDecoder().decode(entry?.value));
  return { state, heartbeatMs: Date.parse(heartbeat ?? started), leaseMs: lease };
}

function fail(reason: string): void {
  console.error(`FAILED: ${reason}`);
  Deno.exitCode = 1;
}

/** Ends the demo at a signal, with the exit code that shells use for it. */
function onSignal(signal: Deno.Signal, exitCode: number): void {
  const listener = (): Promise<void> => exit(exitCode);
  Deno.addSignalListener(signal, listener);
}

async function exit(exitCode: number): Promise<void> {
  await processes[Symbol.asyncDispose]();
  Deno.exit(exitCode);
}

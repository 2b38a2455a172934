/**
 * Three processes share one task. The one that is running it is killed, and another takes over; that one is told to stop,
 * finishes its run, and the third goes on. Never do two run it at once.
 *
 *   deno run --unstable-kv -A examples/replicas.ts
 *
 * It takes less than half a minute, and fails if runs overlapped or nobody took over. How a server takes part is in
 * replicas/replica.ts; this file starts three of them, ends them, and counts.
 */
import { DenoKvStore } from "@neat/periodic-task/stores/deno-kv";
import { Fleet, type Run } from "./replicas/fleet.ts";
import { overlaps, seconds, table } from "./replicas/report.ts";

/** How long after its begin a run is in its middle: it takes two seconds. */
const MIDDLE_MS = 800;
/** Whatever is not done by then has gone wrong. */
const LIMIT_MS = 90_000;

await using fleet = new Fleet();
onSignal("SIGINT", 130);
// Windows knows no SIGTERM
if (Deno.build.os !== "windows") onSignal("SIGTERM", 143);
const limit = setTimeout(() => {
  console.error(`FAILED: not done after ${seconds(LIMIT_MS)}`);
  leave(1);
}, LIMIT_MS);

await fleet.makeDatabase();
for (const name of ["A", "B", "C"]) fleet.start(name);
await fleet.until(() => fleet.runs[1]?.endedMs);

const killed = await nextRun();
await middleOf(killed);
await fleet.end(killed.replica, "SIGKILL", `SIGKILL in the middle of term ${killed.term}`);
const killedMs = killed.endedMs ??= Date.now();
fleet.say(`replica ${killed.replica.name} was killed by SIGKILL in the middle of its run, term ${killed.term}`);
const { state, signMs, leaseMs } = await record();
fleet.say(`the record says "${state}"; its last sign of life is ${seconds(Date.now() - signMs)} old`);

const takeover = await nextRun();
const takeoverMs = takeover.beganMs - signMs;
fleet.say(`replica ${takeover.replica.name} takes over, ${seconds(takeoverMs)} after that sign of life`);
await fleet.until(() => takeover.endedMs);

const stopped = await nextRun();
await middleOf(stopped);
fleet.say(`replica ${stopped.replica.name} is told to stop by SIGTERM in the middle of its run, term ${stopped.term}`);
await fleet.end(stopped.replica, "SIGTERM", `SIGTERM in the middle of term ${stopped.term}, which it finished`);

const last = await nextRun();
const lateMs = last.beganMs - last.dueMs;
fleet.say(`replica ${last.replica.name} goes on with the next run, ${seconds(lateMs)} after it was due`);
await fleet.until(() => last.endedMs);
await fleet.end(last.replica, "SIGTERM", "SIGTERM at the end");
clearTimeout(limit);

const found = overlaps(fleet.runs);
console.log(`
${table(fleet.replicas, fleet.runs)}

runs      ${fleet.runs.length}
overlaps  ${found.length}${found.map(([one, other]) => ` (of terms ${one.term} and ${other.term})`).join("")}
takeover  ${seconds(takeover.beganMs - killedMs)} after SIGKILL, ${seconds(takeoverMs)} after the last sign of life; \
the lease is ${seconds(leaseMs)}
handover  ${seconds(lateMs)} after the due time, as a replica that is told to stop leaves no lease behind`);
if (found.length > 0) fail("runs overlapped");
if (state !== "running" || takeover.replica === killed.replica) fail("no run was taken over");

/** The next run that begins. */
function nextRun(): Promise<Run> {
  const { length } = fleet.runs;
  return fleet.until(() => fleet.runs[length]);
}

/** Resolves in the middle of a run. */
async function middleOf({ beganMs }: Run): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, beganMs + MIDDLE_MS - Date.now()));
}

/** What the replicas that are left know of the run that was killed. */
async function record(): Promise<{ state: string; signMs: number; leaseMs: number }> {
  using kv = await Deno.openKv(fleet.file);
  const entry = await new DenoKvStore({ kv }).read("hello-world");
  const { state, heartbeat, started, lease } = JSON.parse(new TextDecoder().decode(entry?.value));
  return { state, signMs: Date.parse(heartbeat ?? started), leaseMs: lease };
}

function fail(reason: string): void {
  console.error(`FAILED: ${reason}`);
  Deno.exitCode = 1;
}

/** Ends the demo at a signal, with the exit code that shells give to it. */
function onSignal(signal: Deno.Signal, exitCode: number): void {
  const listener = (): Promise<void> => leave(exitCode);
  Deno.addSignalListener(signal, listener);
}

async function leave(exitCode: number): Promise<void> {
  await fleet[Symbol.asyncDispose]();
  Deno.exit(exitCode);
}

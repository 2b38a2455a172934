/**
 * What befalls the replicas of a soak themselves: they are killed and restarted, paused and resumed, by chance, but by a seed.
 *
 * @module
 */
import type { Crew } from "../../tests/processes/crew.ts";
import { checkMs, marginMs, type Rules } from "../../tests/processes/settings.ts";
import { is } from "../../tests/processes/story.ts";
import { type Chance, sleep, type Tally } from "../../tests/processes/trouble.ts";

/** Who is to be troubled, and how long. */
export interface Stage {
  readonly crew: Crew;
  readonly rules: Rules;
  /** Starts another replica. */
  readonly start: () => void;
  /** Who is not to be killed, but may be paused. */
  readonly spared: number;
  readonly untilMs: number;
  /** Ends it early. */
  readonly signal: AbortSignal;
}

/** So many are dead or paused at once at most. */
const MAX_AT_ONCE = 3;
/** Between two deeds. */
const REST_MS = { least: 300, most: 2_500 };
/** Runs take longer than that. */
const IN_RUN_MS = 180;
/** Whether a run begins is looked for so long, as in an outage none does. */
const RUN_WAIT_MS = 2_000;
const POLL_MS = 25;
/** Windows can't pause processes. */
const CAN_PAUSE = Deno.build.os !== "windows";

/** Troubles the replicas until it is time to stop, and has replaced all who were killed or have fallen by then. */
export async function trouble(stage: Stage, random: Chance): Promise<Tally> {
  const { crew, spared, start, untilMs, signal } = stage;
  const tally = { kills: 0, pauses: 0 };
  const underWay = new Map<number, Promise<void>>();
  let replaced = 0;
  while (Date.now() < untilMs && !signal.aborted) {
    // all is drawn at once, so that it is the seed's whatever happens meanwhile
    const [rest, inRun, delay, kind, whom, length] = [random(), random(), random(), random(), random(), random()];
    await sleep(REST_MS.least + rest * (REST_MS.most - REST_MS.least));
    for (; replaced < crew.fallen; replaced++) start();
    const running = inRun < 0.5 ? await nextRun(crew) : undefined;
    if (running) await sleep(delay * IN_RUN_MS);
    const joined = (await crew.read()).filter(is("joined")).map(({ pid }) => pid);
    const free = joined.filter((pid) => crew.pids.includes(pid) && !underWay.has(pid));
    const isKill = !CAN_PAUSE || kind < 0.4;
    const pid = running ?? free[Math.floor(whom * free.length)];
    if (pid === undefined || !free.includes(pid) || underWay.size >= MAX_AT_ONCE || (isKill && pid === spared)) {
      continue;
    }
    const isLong = kind > 0.7;
    const deed = isKill ? kill(stage, pid, length) : pause(stage, pid, length, isLong);
    tally[isKill ? "kills" : "pauses"]++;
    underWay.set(pid, deed.finally(() => underWay.delete(pid)));
  }
  await Promise.all(underWay.values());
  return tally;
}

/** Whose run begins next, if one does soon. */
async function nextRun(crew: Crew): Promise<number | undefined> {
  const known = (await crew.read()).length;
  for (let waitedMs = 0; waitedMs < RUN_WAIT_MS; waitedMs += POLL_MS) {
    await sleep(POLL_MS);
    const begun = (await crew.read()).slice(known).findLast(is("began"));
    if (begun) return begun.pid;
  }
  return undefined;
}

async function kill({ crew, rules, start }: Stage, pid: number, length: number): Promise<void> {
  await crew.kill(pid);
  await sleep(length * rules.leaseMs);
  start();
}

async function pause({ crew, rules }: Stage, pid: number, length: number, isLong: boolean): Promise<void> {
  const { leaseMs, storeClockMs } = rules;
  // a long one outlasts the lease, and the time that others may need to see so
  const longMs = isLong ? leaseMs + marginMs(rules) + storeClockMs + checkMs(rules) : 0;
  crew.pause(pid);
  await sleep(longMs + length * leaseMs / 2);
  // it may have fallen meanwhile
  if (crew.pids.includes(pid)) crew.resume(pid);
}

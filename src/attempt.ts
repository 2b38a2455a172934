/**
 * From a decision to run to a run that is over.
 *
 * @module
 */
import { type Held, writeHeld } from "./claim.ts";
import { elapsedMs } from "./clock.ts";
import type { RunDecision } from "./decision.ts";
import { newId } from "./ids.ts";
import { givenBack } from "./outcome.ts";
import type { Replica } from "./replica.ts";
import { ActiveRun, type RunResult } from "./run.ts";
import type { Status } from "./status.ts";

/** What an iteration of the loop has under way. */
export interface Iteration {
  /** Aborts when the scheduler is told to stop: reads and repetitions end, and no run is begun. */
  readonly stop: AbortController;
  /** Ends the writes too, when `stop()` has waited for long enough. */
  readonly cut: AbortController;
  /** Whether it has written a first record. */
  hasMadeRecord?: boolean;
  /** Whether the store refused it. */
  hasLostRecord?: boolean;
  /** Whether a run was begun. */
  hasRun?: boolean;
  /** The run, from its claim until its outcome is recorded. */
  run?: ActiveRun | undefined;
}

/** Claims the record and runs the task; answers with nothing if the claim was not won, or came too late. */
export async function attempt(
  replica: Replica,
  { base, scheduledMs }: RunDecision & { readonly base: Status },
  iteration: Iteration,
  stopScheduler: () => void,
): Promise<RunResult | undefined> {
  const { latestNowMs, term, settings: { clock, leaseMs, timeoutMs } } = replica;
  const { stop: { signal: stop }, cut: { signal: cancel } } = iteration;
  const claimed: Status = {
    ...base,
    state: "running",
    startedMs: latestNowMs,
    owner: newId(),
    heartbeatMs: undefined,
    scheduledMs,
    // replicas of the original drop it from the record, so the highest one seen counts
    term: term + 1,
    leaseMs,
    requestedMs: undefined,
  };
  const held: Held = { status: claimed, version: replica.version };
  const { version } = held;
  const outcome = await writeHeld(replica, held, claimed, cancel, stop);
  if (outcome === "lost" && replica.version === version) replica.countLostClaim();
  if (outcome !== "written") return undefined;
  replica.lostClaims = 0;
  const tookMs = elapsedMs(clock, held.confirmed!);
  const limitMs = Math.min(leaseMs, timeoutMs);
  if (stop.aborted || tookMs >= limitMs) {
    if (!stop.aborted) {
      replica.say("warn", `the claim was answered too late, after ${tookMs} of ${limitMs} ms, so no run was started`);
    }
    await writeHeld(replica, held, givenBack(base, claimed), cancel);
    return undefined;
  }
  iteration.run = new ActiveRun(replica, held, stopScheduler);
  return await iteration.run.execute(base, cancel);
}

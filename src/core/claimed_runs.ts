/**
 * Claims of the record, and the runs that follow them.
 *
 * @module
 */
import type { StatusRecord } from "../record/status_record.ts";
import { claimedRecord } from "../record/transitions.ts";
import type { Settings } from "../settings.ts";
import type { StoreClient } from "../store/client.ts";
import { longestElapsedMs } from "../time/clock.ts";
import type { AbandonedRuns } from "./abandoned_runs.ts";
import { ActiveRun } from "./active_run.ts";
import { acquireClaim, type Claim } from "./claim.ts";
import type { RunDecision } from "./decision.ts";
import type { Iteration } from "./iteration.ts";
import type { Readiness } from "./readiness.ts";
import type { Reporter, RunResult } from "./reporter.ts";
import type { RunSlot } from "./run_slots.ts";

/** A warning is logged after this number of refused claims in a row, and each time that the number doubles. */
const REFUSED_CLAIMS = 3;

/** The options of {@linkcode ClaimedRuns}. */
export interface ClaimedRunsOptions {
  readonly settings: Settings;
  readonly client: StoreClient;
  readonly reporter: Reporter;
  readonly abandoned: AbandonedRuns;
  readonly readiness: Readiness;
  readonly slot: RunSlot;
  /** Stops the scheduler. */
  readonly stop: () => void;
}

/** Claims the record and runs the task. */
export class ClaimedRuns {
  readonly #options: ClaimedRunsOptions;
  #refusedClaims = 0;

  /** Creates the runs of one scheduler. */
  constructor(options: ClaimedRunsOptions) {
    this.#options = options;
  }

  /** Claims the record and runs the task. Returns `undefined` if the claim was not won or came too late. */
  async run(iteration: Iteration, decision: RunDecision): Promise<RunResult | undefined> {
    const { settings, client, reporter, abandoned, slot, stop } = this.#options;
    const { before, scheduledMs, takeover } = decision;
    const cancel = iteration.cancel.signal;
    const claim = await this.#claim(iteration, decision);
    if (!claim) return undefined;
    // the run must start without an await after this check
    if (iteration.stop.signal.aborted || this.#isTooLate(claim, decision)) {
      return await this.#release(claim, before, cancel);
    }
    const run = new ActiveRun({
      settings,
      client,
      reporter,
      claim,
      before,
      scheduledMs,
      stopAfter: stop,
    });
    if (takeover) reporter.tookOver({ from: before.instance, reason: takeover, run: run.view() });
    // a listener may have stopped the scheduler
    if (iteration.stop.signal.aborted) return await this.#release(claim, before, cancel);
    iteration.run = run;
    // the outcome may take long to be recorded, and an abandoned call longer to return
    void run.ended.then(() => slot.release());
    const result = await run.execute(cancel);
    iteration.run = undefined;
    if (!run.hasReturned) {
      abandoned.add(run);
      reporter.abandoned(run.view());
    }
    return result;
  }

  /** Gives a claim up that starts no run. */
  async #release(claim: Claim, before: StatusRecord, cancel: AbortSignal): Promise<undefined> {
    const released = await claim.release(before, cancel);
    if (released === "unknown") {
      this.#options.reporter.warn("the claim was not released in time, and holds the record until its lease is over");
    }
  }

  async #claim(
    { stop, cancel }: Iteration,
    { before, scheduledMs, nextDueMs, standbys }: RunDecision,
  ): Promise<Claim | undefined> {
    const { client, settings } = this.#options;
    const { clock, leaseMs, minCycleMs } = settings;
    const record = claimedRecord(before, {
      // Dart's neat_periodic_task drops the term from the record, so the highest known term counts
      term: client.highestTerm + 1,
      startedMs: client.latestNowMs,
      scheduledMs,
      leaseMs,
      dueMs: Number.isFinite(nextDueMs) ? nextDueMs : undefined,
      instance: settings.instance(),
      standbys,
    });
    const version = client.known?.version ?? null;
    const signals = { stop: stop.signal, cancel: cancel.signal };
    const result = await acquireClaim({ client, clock, minCycleMs }, record, version, signals);
    if (result.outcome !== "unknown") this.#options.readiness.answered();
    if (result.outcome === "lost" && result.isRefused) this.countRefusedClaim();
    if (result.outcome === "unknown" && cancel.signal.aborted) {
      const consequence = "may hold the record until its lease is over";
      this.#options.reporter.warn(`the claim was not answered before the stop, and ${consequence}`);
    }
    if (result.outcome !== "won") return undefined;
    this.#refusedClaims = 0;
    return result.claim;
  }

  /** Returns whether a claim was answered after the end of its lease, of the time for the run, or of the start deadline. */
  #isTooLate(claim: Claim, { startByMs }: RunDecision): boolean {
    const { settings: { clock, leaseMs, timeoutMs }, client, reporter } = this.#options;
    const tookMs = longestElapsedMs(clock, claim.confirmed);
    const limitMs = Math.min(leaseMs, timeoutMs);
    const isInTime = tookMs < limitMs;
    if (isInTime && client.earliestNowMs <= startByMs) return false;
    const late = isInTime ? "after startDeadline" : `too late, after ${tookMs} of ${limitMs} ms`;
    reporter.warn(`the claim was answered ${late}, so no run was started`);
    return true;
  }

  /** Counts a claim that the store has refused although no other replica has written the record. */
  countRefusedClaim(): void {
    const count = ++this.#refusedClaims;
    const isReported = count >= REFUSED_CLAIMS && Number.isInteger(Math.log2(count / REFUSED_CLAIMS));
    if (isReported) this.#options.reporter.claimsRefused(count);
  }
}

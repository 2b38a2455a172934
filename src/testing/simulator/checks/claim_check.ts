/**
 * Promises about claims: whose they are, when they may be made, and what becomes of them.
 *
 * @module
 */
import { labelOf } from "../history.ts";
import type { RecordView } from "../record_view.ts";
import { leftOfMarginMs, type Scene, SLACK_MS, trustEndMs } from "../scene.ts";
import type { CallSeen, RunSeen, Watcher, WriteSeen } from "../seen.ts";

/** Looks at each claim and at what is made of it. */
export class ClaimCheck implements Watcher {
  readonly #scene: Scene;
  #won: WriteSeen[] = [];
  readonly #lost: RunSeen[] = [];
  /** The last sign of life in the record. */
  #sign: WriteSeen | undefined;

  constructor(scene: Scene) {
    this.#scene = scene;
  }

  began(run: RunSeen): void {
    const scene = this.#scene;
    const { claim, scheduler: { process: { machine }, lengths } } = run;
    if (run.scheduler.isOriginal) return;
    scene.checked("known-claim");
    if (!claim || claim.scheduler !== run.scheduler) {
      return scene.broken("known-claim", `run ${run.number} has no claim of its own`);
    }
    const isWritten = claim.landedMs !== undefined || !scene.history.showsRecord;
    if (!isWritten || claim.knownMs === undefined) {
      return scene.broken("known-claim", `run ${run.number} began on ${labelOf(claim)}, which is not known to be won`);
    }
    if (claim.run !== run) return scene.broken("known-claim", `${labelOf(claim)} was run twice`);
    if (machine.hasJumped(claim.sentMs, scene.time.nowMs)) return;
    scene.checked("time-left");
    const elapsedMs = (scene.time.nowMs - claim.sentMs) * machine.clock.rate;
    const lengthMs = Math.min(lengths.leaseMs, lengths.timeoutMs);
    if (elapsedMs > lengthMs + SLACK_MS) {
      scene.broken(
        "time-left",
        `run ${run.number} began ${Math.round(elapsedMs)} ms after its claim of ${lengthMs} ms`,
      );
    }
  }

  known(write: WriteSeen): void {
    if (write.kind === "claim") this.#won.push(write);
  }

  read({ scheduler, isReadBack }: CallSeen, view: RecordView): void {
    if (!isReadBack || scheduler.isOriginal) return;
    for (const run of scheduler.bodies) {
      const isOver = run.abortedMs !== undefined || run.endedMs !== undefined;
      if (!isOver && view.owner !== run.run.owner) this.#lost.push(run);
    }
  }

  settled(): void {
    for (const run of this.#lost.splice(0)) {
      this.#scene.checked("lost-lease");
      if (run.abortedMs !== undefined || run.endedMs !== undefined) continue;
      this.#scene.broken("lost-lease", `run ${run.number} goes on although its record is seen to be another's`);
    }
    if (!this.#won.length) return;
    const won = this.#won;
    this.#won = [];
    for (const claim of won) this.#checkWon(claim);
  }

  landed(write: WriteSeen | undefined, _after: RecordView, before: RecordView): void {
    if (write?.kind === "claim" && !write.scheduler.isOriginal && before.state === "running") {
      this.#checkLease(write, before);
    }
    if (write?.kind === "claim" || write?.kind === "heartbeat") this.#sign = write;
  }

  sent(write: WriteSeen): void {
    if (write.kind !== "heartbeat") return;
    const run = this.#scene.history.claims.get(write.view.owner)?.run;
    this.#scene.checked("late-heartbeat");
    // a run that stop() has aborted is waited for, and has its record as long
    const isAborted = run?.abortedBy !== undefined && run.abortedBy !== "AbortError";
    if (!run || run.endedMs !== undefined || isAborted) {
      this.#scene.broken("late-heartbeat", `${labelOf(write)} was sent although its run is over`);
    }
  }

  #checkWon(claim: WriteSeen): void {
    const { scheduler, sentMs, isDoubted, run } = claim;
    const { machine } = scheduler.process;
    const { nowMs } = this.#scene.time;
    if (isDoubted || scheduler.isOriginal || scheduler.stoppingMs !== undefined || scheduler.lastClaim !== claim) {
      return;
    }
    if (machine.hasJumped(sentMs, nowMs)) return;
    const { leaseMs, timeoutMs } = scheduler.lengths;
    if ((nowMs - sentMs) * machine.clock.rate > Math.min(leaseMs, timeoutMs) - SLACK_MS) return;
    this.#scene.checked("won-claim");
    if (!run) this.#scene.broken("won-claim", `${labelOf(claim)} is known to be won and was not run`);
  }

  #checkLease(taker: WriteSeen, before: RecordView): void {
    const scene = this.#scene;
    const holder = this.#sign;
    if (!holder || holder.view.owner !== before.owner) return;
    if (leftOfMarginMs(scene, holder, taker) === undefined) return;
    scene.checked("lease-respected");
    const endMs = trustEndMs(holder, holder.sentMs, taker.scheduler.lengths.timeoutMs);
    if (taker.sentMs < endMs) {
      const early = `${Math.ceil(endMs - taker.sentMs)} ms before the end of the lease`;
      scene.broken("lease-respected", `${labelOf(taker)} was sent ${early} that ${labelOf(holder)} has begun`);
    }
  }
}

/**
 * Promises about the record: one successor, rising terms, nothing stale, readable, and others' data left alone.
 *
 * @module
 */
import { labelOf } from "../history.ts";
import type { RecordView } from "../record_view.ts";
import type { Scene } from "../scene.ts";
import type { RunSeen, Watcher, WriteSeen } from "../seen.ts";

/** Looks at each record that takes another's place. */
export class RecordCheck implements Watcher {
  readonly #scene: Scene;
  /** Replicas of the original drop the term. */
  readonly #keepsTerms: boolean;
  readonly #successors = new Map<string | null, WriteSeen>();

  constructor(scene: Scene) {
    this.#scene = scene;
    this.#keepsTerms = !scene.plan.replicas.some(({ isOriginal }) => isOriginal);
  }

  confirmed(write: WriteSeen, replaced: string | null): void {
    // where equal bodies have equal versions, what someone puts back may have a second successor
    if (this.#scene.sharesVersions || write.scheduler.isOriginal) return;
    const other = this.#successors.get(replaced);
    this.#scene.checked("one-successor");
    if (other && other !== write) {
      this.#scene.broken("one-successor", `both ${labelOf(other)} and ${labelOf(write)} replaced version ${replaced}`);
    }
    this.#successors.set(replaced, write);
  }

  landed(write: WriteSeen | undefined, after: RecordView, before: RecordView): void {
    if (!write || write.scheduler.isOriginal) return;
    const scene = this.#scene;
    scene.checked("readable-record");
    if (after.kind !== "status" || after.fault) {
      scene.broken("readable-record", `${labelOf(write)}: ${after.fault ?? after.kind}`);
    }
    if (before.kind !== "status") {
      scene.checked("others-data");
      if (before.kind !== "none") scene.broken("others-data", `${labelOf(write)} replaced ${before.kind} data`);
    }
    this.#checkTerm(write, after, before);
    this.#checkOwner(write, after, before);
  }

  began({ scheduler, claim }: RunSeen): void {
    const { kind } = this.#scene.history.record;
    if (scheduler.isOriginal || (kind !== "foreign" && kind !== "newer")) return;
    // a claim that was won before is run
    if (claim?.landedMs === undefined || claim.landedMs > this.#scene.history.recordMs) {
      this.#scene.broken("others-data", `a run began while there was ${kind} data`);
    }
  }

  #checkTerm(write: WriteSeen, after: RecordView, before: RecordView): void {
    if (!this.#keepsTerms || before.kind === "none") return;
    this.#scene.checked("rising-term");
    const expected = before.term + (write.kind === "claim" ? 1 : 0);
    if (after.term !== expected) {
      this.#scene.broken("rising-term", `${labelOf(write)} follows term ${before.term}`);
    }
  }

  #checkOwner(write: WriteSeen, after: RecordView, before: RecordView): void {
    const scene = this.#scene;
    if (write.kind === "claim" || before.kind !== "status") return;
    scene.checked("stale-write");
    const holder = scene.history.claims.get(before.owner)?.scheduler;
    const isOwn = write.kind === "release" ? holder === write.scheduler : before.owner === after.owner;
    const isRight = isOwn && (write.kind === "release" || before.state === "running");
    if (!isRight) {
      const whose = `the ${before.state} record of ${holder?.process.name ?? "someone else"}, term ${before.term}`;
      scene.broken("stale-write", `${labelOf(write)} replaced ${whose}`);
    }
  }
}

/**
 * Promises about the record: one successor for each version, rising terms, no stale writes, valid records, and no change of
 * foreign data.
 *
 * @module
 */
import { type CheckContext, hasDartReplicas } from "../check_context.ts";
import { labelOf } from "../history.ts";
import type { ObservedRun, ObservedWrite, Observer, WriteConfirmation } from "../observations.ts";
import type { RecordView } from "../record_view.ts";

/** Checks each change of the record. */
export class RecordCheck implements Observer {
  readonly #context: CheckContext;
  readonly #successors = new Map<string | null, ObservedWrite>();

  constructor(context: CheckContext) {
    this.#context = context;
  }

  writeConfirmed(write: ObservedWrite, { replaced }: WriteConfirmation): void {
    // where equal records have equal versions, a record that is put back has a second successor
    if (this.#context.sharesVersions || write.scheduler.isDart) return;
    const other = this.#successors.get(replaced);
    this.#context.checked("one-successor");
    if (other && other !== write) {
      const text = `both ${labelOf(other)} and ${labelOf(write)} replaced version ${replaced}`;
      this.#context.broken("one-successor", text);
    }
    this.#successors.set(replaced, write);
  }

  recordChanged(write: ObservedWrite | undefined, after: RecordView, before: RecordView): void {
    if (!write || write.scheduler.isDart) return;
    const context = this.#context;
    context.checked("readable-record");
    if (after.kind !== "status" || after.fault) {
      context.broken("readable-record", `${labelOf(write)}: ${after.fault ?? after.kind}`);
    }
    if (before.kind !== "status") {
      context.checked("foreign-data");
      if (before.kind !== "none") context.broken("foreign-data", `${labelOf(write)} replaced ${before.kind} data`);
    }
    this.#checkTerm(write, after, before);
    this.#checkOwner(write, after, before);
  }

  runStarted({ scheduler, claim }: ObservedRun): void {
    const { record: { kind }, recordMs } = this.#context.history;
    if (scheduler.isDart || (kind !== "foreign" && kind !== "newer")) return;
    // a claim is run that was confirmed before the data came
    if (claim?.appliedMs === undefined || claim.appliedMs > recordMs) {
      this.#context.broken("foreign-data", `a run started beside ${kind} data`);
    }
  }

  #checkTerm(write: ObservedWrite, after: RecordView, before: RecordView): void {
    // replicas of the original drop the term
    if (hasDartReplicas(this.#context) || before.kind === "none") return;
    this.#context.checked("rising-term");
    const expected = before.term + (write.kind === "claim" ? 1 : 0);
    if (after.term !== expected) {
      this.#context.broken("rising-term", `${labelOf(write)} follows term ${before.term}`);
    }
  }

  #checkOwner(write: ObservedWrite, after: RecordView, before: RecordView): void {
    const context = this.#context;
    if (write.kind === "claim" || before.kind !== "status") return;
    context.checked("stale-write");
    // the next due time may be written by any replica, but not during a run
    const isSameRun = before.owner === after.owner && before.state === after.state && after.state !== "running";
    if ((write.kind === "due" || write.kind === "list") && isSameRun) return;
    const holder = context.history.claims.get(before.owner)?.scheduler;
    const { scheduler } = write;
    // a replica gives its place up: the one that ran last, or to which the next run was handed
    const isPreferred = before.preferred === undefined
      ? holder === scheduler
      : before.preferred === scheduler.standbyId;
    const isOwn = write.kind === "release" ? holder === scheduler || isPreferred : before.owner === after.owner;
    const isRight = isOwn && (write.kind === "release" || before.state === "running");
    if (isRight) return;
    const replaced = `the ${before.state} record of ${holder?.process.name ?? "no known process"}`;
    context.broken("stale-write", `${labelOf(write)} replaced ${replaced}, term ${before.term}`);
  }
}

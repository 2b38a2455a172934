/**
 * Promises about changes from outside: a paused task is not claimed, and neither pauses nor requests are lost.
 *
 * @module
 */
import { type CheckContext, hasDartReplicas } from "../check_context.ts";
import { labelOf } from "../history.ts";
import type { ObservedChange, ObservedWrite, Observer } from "../observations.ts";
import type { RecordView } from "../record_view.ts";

/** Checks each write of a scheduler, and the changes of an operator. */
export class ChangeCheck implements Observer {
  readonly #context: CheckContext;
  /** The requests that were removed by claims, by the owners of the claims. */
  readonly #claimed: Map<string, number | undefined> = new Map();
  /** The requests that are confirmed. */
  readonly #requests: ObservedChange[] = [];
  /** When the last claim was carried out. */
  #lastClaimMs = -Infinity;
  /** Whether an operator knows that the task is paused. */
  #isPaused = false;

  constructor(context: CheckContext) {
    this.#context = context;
  }

  recordChanged(write: ObservedWrite | undefined, after: RecordView, before: RecordView): void {
    if (write?.kind === "claim") this.#lastClaimMs = this.#context.nowMs;
    if (before.kind !== "status" || after.kind !== "status") return;
    if (this.#isPaused && after.pausedMs === undefined) this.#lose("the pause of the operator");
    if (!write || write.scheduler.isDart) return;
    if (write.kind === "claim") this.#checkClaim(write, before);
    this.#context.checked("kept-change");
    if (after.pausedMs !== before.pausedMs) this.#lose(`by ${labelOf(write)} the pause`);
    if (!this.#isRequestKept(write, after, before)) this.#lose(`by ${labelOf(write)} the request`);
  }

  changeCalled({ kind }: ObservedChange): void {
    if (kind === "resume") this.#isPaused = false;
  }

  changeSettled(change: ObservedChange): void {
    if (!change.isDone || hasDartReplicas(this.#context)) return;
    if (change.kind === "request") {
      this.#requests.push(change);
      this.#checkServed(change);
    }
    if (change.kind !== "pause") return;
    this.#isPaused = true;
    const { record } = this.#context.history;
    if (record.kind === "status" && record.pausedMs === undefined) this.#lose("the confirmed pause");
  }

  finished(): void {
    for (const request of this.#requests) this.#checkServed(request);
  }

  #checkClaim(claim: ObservedWrite, before: RecordView): void {
    this.#context.checked("paused-task");
    this.#claimed.set(claim.view.owner, before.requestedMs);
    if (before.pausedMs !== undefined) {
      this.#context.broken("paused-task", `${labelOf(claim)} replaced a paused record`);
    }
  }

  /** A claim removes the request, and a claim that is given up restores it. */
  #isRequestKept(write: ObservedWrite, after: RecordView, before: RecordView): boolean {
    if (write.kind === "claim") return after.requestedMs === undefined;
    if (after.requestedMs === before.requestedMs) return true;
    const isRestored = after.requestedMs === this.#claimed.get(before.owner);
    return write.kind === "release" && before.state === "running" && before.requestedMs === undefined && isRestored;
  }

  /** A confirmed request is in the record, or was removed by a claim since it was called for. */
  #checkServed({ calledMs }: ObservedChange): void {
    const { record } = this.#context.history;
    this.#context.checked("request-served");
    if (record.kind !== "status" || record.requestedMs !== undefined || this.#lastClaimMs >= calledMs) return;
    const text = `the request of ${Math.round(calledMs)} ms is neither in the record nor claimed`;
    this.#context.broken("request-served", text);
  }

  #lose(what: string): void {
    this.#context.broken("kept-change", `${what} is lost`);
  }
}

/**
 * Promises of the store: different versions for different records, reads that are not stale, and writes that are kept.
 *
 * @module
 */
import type { StatusEntry } from "../../store/store.ts";
import { sameBytes } from "../../store_check/store_check_error.ts";
import type { CheckContext } from "../check_context.ts";
import { labelOf } from "../history.ts";
import type { ObservedCall, ObservedWrite, Observer, WriteConfirmation } from "../observations.ts";
import type { RecordView } from "../record_view.ts";

/** What the store held since a true time. */
interface HeldValue {
  readonly value: Uint8Array | null;
  readonly sinceMs: number;
}

/** Checks each answer of the store. */
export class StoreCheck implements Observer {
  readonly #context: CheckContext;
  readonly #valuesByVersion = new Map<string, Uint8Array>();
  readonly #held: HeldValue[] = [];

  constructor(context: CheckContext) {
    this.#context = context;
  }

  recordChanged(): void {
    const { history: { value }, nowMs } = this.#context;
    this.#held.push({ value, sinceMs: nowMs });
  }

  readAnswered(call: ObservedCall, _view: RecordView, entry: StatusEntry | null): void {
    if (entry) this.#checkVersion(entry.version, entry.value);
    if (!this.#context.history.knowsRecord) return;
    this.#context.checked("fresh-read");
    if (!this.#wasHeldSince(call.sentMs, entry?.value ?? null)) {
      const text = `a read of ${call.scheduler.process.name} returned a record that was replaced before it was sent`;
      this.#context.broken("fresh-read", text);
    }
  }

  writeConfirmed(write: ObservedWrite, { value, version }: WriteConfirmation): void {
    this.#checkVersion(version, value);
    if (!this.#context.history.knowsRecord) return;
    this.#context.checked("kept-write");
    if (write.appliedMs === undefined) {
      const text = `${labelOf(write)} was confirmed with version ${version} and not carried out`;
      this.#context.broken("kept-write", text);
    }
  }

  #checkVersion(version: string, value: Uint8Array): void {
    const known = this.#valuesByVersion.get(version);
    this.#context.checked("distinct-versions");
    if (!known) this.#valuesByVersion.set(version, value.slice());
    else if (!sameBytes(known, value)) {
      this.#context.broken("distinct-versions", `version ${version} stands for two records`);
    }
  }

  /** Whether the store held a value at a true time or later. */
  #wasHeldSince(sinceMs: number, value: Uint8Array | null): boolean {
    for (let index = this.#held.length - 1; index >= 0; index--) {
      const held = this.#held[index];
      if (!held) break;
      if (isSame(held.value, value)) return true;
      if (held.sinceMs < sinceMs) return false;
    }
    return value === null;
  }
}

function isSame(one: Uint8Array | null, other: Uint8Array | null): boolean {
  return one === other || (one !== null && other !== null && sameBytes(one, other));
}

/**
 * What a store promises: versions that differ, reads that are not out of date, and writes that are kept.
 *
 * @module
 */
import type { StatusEntry } from "../../../store.ts";
import { sameBytes } from "../../expectation.ts";
import { labelOf } from "../history.ts";
import type { RecordView } from "../record_view.ts";
import type { Scene } from "../scene.ts";
import type { CallSeen, Watcher, WriteSeen } from "../seen.ts";

/** A record that the store held. */
interface Held {
  readonly value: Uint8Array | null;
  /** Since when. */
  readonly sinceMs: number;
}

/** Looks at what the store answers. */
export class StoreCheck implements Watcher {
  readonly #scene: Scene;
  readonly #valuesByVersion = new Map<string, Uint8Array>();
  readonly #held: Held[] = [];

  constructor(scene: Scene) {
    this.#scene = scene;
  }

  landed(): void {
    const { history: { value }, time: { nowMs } } = this.#scene;
    this.#held.push({ value, sinceMs: nowMs });
  }

  read(call: CallSeen, _view: RecordView, entry: StatusEntry | null): void {
    if (entry) this.#checkVersion(entry.version, entry.value);
    if (!this.#scene.history.showsRecord) return;
    this.#scene.checked("fresh-read");
    if (!this.#wasHeld(entry?.value ?? null, call.sentMs)) {
      const name = call.scheduler.process.name;
      this.#scene.broken("fresh-read", `${name} read a record that the store did not hold since the read was sent`);
    }
  }

  confirmed(write: WriteSeen, _replaced: string | null, version: string): void {
    this.#checkVersion(version, write.value);
    if (!this.#scene.history.showsRecord) return;
    this.#scene.checked("kept-write");
    if (write.landedMs === undefined) {
      this.#scene.broken("kept-write", `${labelOf(write)} was answered with version ${version} and not carried out`);
    }
  }

  #checkVersion(version: string, value: Uint8Array): void {
    const known = this.#valuesByVersion.get(version);
    this.#scene.checked("distinct-versions");
    if (!known) this.#valuesByVersion.set(version, value.slice());
    else if (!sameBytes(known, value)) {
      this.#scene.broken("distinct-versions", `version ${version} stands for two records`);
    }
  }

  /** Whether the store held a record at a true time, or later. */
  #wasHeld(value: Uint8Array | null, sinceMs: number): boolean {
    for (const held of this.#held.toReversed()) {
      if (isSame(held.value, value)) return true;
      if (held.sinceMs < sinceMs) return false;
    }
    return value === null;
  }
}

function isSame(one: Uint8Array | null, other: Uint8Array | null): boolean {
  return one === other || (one !== null && other !== null && sameBytes(one, other));
}

/**
 * The store client of a scheduler: calls, and the record between two calls.
 *
 * @module
 */
import { newId } from "../record/ids.ts";
import { implausibilities, type PlausibilityRules } from "../record/plausibility.ts";
import { type FoundRecord, NO_OWNER, type StatusRecord } from "../record/status_record.ts";
import { type Clock, type Instant, instant } from "../time/clock.ts";
import type { CallLimits, RecordEntry, RecordStore } from "./record_store.ts";
import {
  dueTimesAheadMs,
  earliestNowMs,
  isReliable,
  latestNowMs,
  sampleStoreTime,
  storeAheadMs,
  type StoreTimeSample,
} from "./store_time.ts";

/** The record as last read or written. */
export interface KnownRecord {
  readonly found: FoundRecord;
  /** `null` if there is no record. */
  readonly version: string | null;
  /** When this version was first seen, by the monotonic clock. */
  readonly firstSeenMonotonicMs: number;
  /** When this version was first seen, in store time. */
  readonly firstSeenMs: number;
}

/** How a read ended. */
export type ReadResult =
  | { readonly outcome: "read"; readonly entry: RecordEntry; readonly known: KnownRecord }
  | { readonly outcome: "failed"; readonly error: unknown };

/** How a write ended: written, refused as the record had changed, or failed, so that its effect is not known. */
export type WriteResult =
  | { readonly outcome: "written"; readonly version: string }
  | { readonly outcome: "conflict" }
  | { readonly outcome: "failed"; readonly error: unknown };

/** Receives the failures of a store, and warnings about its records. */
export interface StoreObserver {
  storeFailed(error: unknown): void;
  storeAnswered(): void;
  warn(message: string): void;
}

/** A record with a write id. */
export type IdentifiedRecord = StatusRecord & { readonly write: string };

/** Returns a record with a write id of its own. */
export function identified(record: StatusRecord): IdentifiedRecord {
  return { ...record, write: newId() };
}

/** The options of a {@linkcode StoreClient}. */
export interface StoreClientOptions {
  readonly store: RecordStore;
  readonly clock: Clock;
  readonly rules: PlausibilityRules;
  readonly observer: StoreObserver;
}

/**
 * Reads and writes the record of a task, and keeps the last record, its version, and a sample of the store's time.
 *
 * Each call updates what is kept, and reports a failure, unless its caller has canceled it.
 */
export class StoreClient {
  readonly #store: RecordStore;
  readonly #clock: Clock;
  readonly #rules: PlausibilityRules;
  readonly #observer: StoreObserver;
  #known: KnownRecord | undefined;
  #sample: StoreTimeSample | undefined;
  #highestTerm = 0;
  /** The id of the last write sent. A record that has it was written here. */
  #lastWrite = "";
  /** The owner of the last record written here. */
  #owner = "";

  constructor({ store, clock, rules, observer }: StoreClientOptions) {
    this.#store = store;
    this.#clock = clock;
    this.#rules = rules;
    this.#observer = observer;
  }

  /** The record as last read or written; `undefined` if it has to be read first. */
  get known(): KnownRecord | undefined {
    return this.#known;
  }

  /** The record, if this replica wrote it last. */
  get ownRecord(): StatusRecord | undefined {
    const found = this.#known?.found;
    return found?.kind === "record" && found.record.owner === this.#owner ? found.record : undefined;
  }

  /** Whether this is the preferred replica and its clock is reliable, so that it may claim without reading first. */
  get isPreferred(): boolean {
    return this.ownRecord !== undefined && isReliable(this.#clock, this.#sample);
  }

  /** The highest term that this replica has seen. */
  get highestTerm(): number {
    return this.#highestTerm;
  }

  /** Whether the store has a clock, as far as is known. */
  get hasStoreClock(): boolean {
    return this.#sample !== undefined;
  }

  /** The present in store time, never later than it really is. */
  get earliestNowMs(): number {
    return earliestNowMs(this.#clock, this.#sample);
  }

  /** The present in store time, never earlier than it really is. */
  get latestNowMs(): number {
    return latestNowMs(this.#clock, this.#sample);
  }

  /** Converts a due time of the record to the host's time. */
  hostDueTimeMs(dueMs: number): number {
    return dueMs - dueTimesAheadMs(this.#sample);
  }

  /** Reads the record. */
  async read(limits?: CallLimits): Promise<ReadResult> {
    const sent = instant(this.#clock);
    try {
      const entry = await this.#store.read(limits);
      const known = this.#takeIn(entry, sent);
      this.#observer.storeAnswered();
      return { outcome: "read", entry, known };
    } catch (error) {
      return this.#failed(error, limits);
    }
  }

  /**
   * Reads the record for users. Keeps nothing, as an answer that was overtaken must not replace a later one.
   *
   * @returns What was found, and how far the store's clock is ahead of the host's.
   * @throws {unknown} What the store threw.
   */
  async inspect(): Promise<{ found: FoundRecord; aheadMs: number; dueTimesAheadMs: number }> {
    const sent = instant(this.#clock);
    const { found, storeTime } = await this.#store.read();
    const sample = sampleStoreTime(storeTime, sent, instant(this.#clock)) ?? this.#sample;
    return { found, aheadMs: storeAheadMs(sample), dueTimesAheadMs: dueTimesAheadMs(sample) };
  }

  /**
   * Writes a record, if the store's is still at a version.
   *
   * @param record The record. A write that is repeated keeps its write id, so that it is recognised whenever it takes effect.
   * @param version The version to replace, or `null` if there must be no record.
   * @param limits How the call may end before its answer.
   */
  async write(record: IdentifiedRecord, version: string | null, limits?: CallLimits): Promise<WriteResult> {
    this.#lastWrite = record.write;
    try {
      const written = await this.#store.write(record, version, limits);
      this.#observer.storeAnswered();
      if (written === null) return { outcome: "conflict" };
      this.#keep({ kind: "record", record }, written, this.#clock.monotonicMs());
      return { outcome: "written", version: written };
    } catch (error) {
      return this.#failed(error, limits);
    }
  }

  /**
   * Gives up the place of the preferred replica, if this is it, so that standbys need not wait for it.
   *
   * @param limitMs How long it may take, in milliseconds. A failure is ignored: then standbys wait for the fallback delay.
   */
  async resign(limitMs: number): Promise<void> {
    const { ownRecord } = this;
    if (!this.#known || !ownRecord || ownRecord.state === "running") return;
    const record = identified({ ...ownRecord, owner: NO_OWNER });
    await this.#store.write(record, this.#known.version, { limitMs }).catch(() => {});
  }

  /** Forgets the record, so that it is read before the next decision. */
  forget(): void {
    this.#known = undefined;
  }

  #failed(error: unknown, limits: CallLimits | undefined): { outcome: "failed"; error: unknown } {
    if (!limits?.signal?.aborted) this.#observer.storeFailed(error);
    return { outcome: "failed", error };
  }

  #takeIn({ found, version, storeTime }: RecordEntry, sent: Instant): KnownRecord {
    const received = instant(this.#clock);
    this.#sample = sampleStoreTime(storeTime, sent, received) ?? this.#sample;
    if (this.#known && this.#known.version === version) return this.#known;
    const known = this.#keep(found, version, received.monotonicMs);
    if (found.kind === "record") {
      const warnings = implausibilities(found.record, known.firstSeenMs, this.#rules);
      for (const warning of warnings) this.#observer.warn(warning);
    }
    return known;
  }

  #keep(found: FoundRecord, version: string | null, firstSeenMonotonicMs: number): KnownRecord {
    this.#known = { found, version, firstSeenMonotonicMs, firstSeenMs: this.earliestNowMs };
    if (found.kind === "record") {
      const { owner, term, write } = found.record;
      this.#highestTerm = Math.max(this.#highestTerm, term);
      if (owner !== NO_OWNER && write === this.#lastWrite) this.#owner = owner;
    }
    return this.#known;
  }
}

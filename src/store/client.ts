/**
 * Calls of a scheduler to its store, and the known record between them.
 *
 * @module
 */
import { newId } from "../record/ids.ts";
import { newStandbyId, NO_STANDBYS, withoutStandby } from "../record/listed_standbys.ts";
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
  type StoreAhead,
  storeAheadOf,
  type StoreTimeSample,
} from "./store_time.ts";

/** A replica that stops tries to give its place up so many times. */
const RESIGN_ATTEMPTS = 3;

/** The record as last read or written. */
export interface KnownRecord {
  readonly found: FoundRecord;
  /** The version; `null` if there is no record. */
  readonly version: string | null;
  /** The time at which this version was first seen, by the monotonic clock. */
  readonly firstSeenMonotonicMs: number;
  /** The time at which this version was first seen, in store time. */
  readonly firstSeenMs: number;
}

/** The outcome of a read. */
export type ReadResult =
  | { readonly outcome: "read"; readonly entry: RecordEntry; readonly known: KnownRecord }
  | { readonly outcome: "failed"; readonly error: unknown };

/** The outcome of a write: written, refused because the record had changed, or failed with an unknown effect. */
export type WriteResult =
  | { readonly outcome: "written"; readonly version: string }
  | { readonly outcome: "conflict" }
  | { readonly outcome: "failed"; readonly error: unknown };

/** An observer of a store's failures and answers, and of warnings about its records. */
export interface StoreObserver {
  storeFailed(error: unknown): void;
  storeAnswered(): void;
  warn(message: string): void;
}

/** A record with a write id. */
export type IdentifiedRecord = StatusRecord & { readonly write: string };

/** Returns a record with a new write id. */
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
 * Reads and writes the record of a task, and keeps the last known record, its version, and the store's time.
 *
 * Every call updates the known record and reports its failure to the observer. Failures of canceled calls are not reported.
 */
export class StoreClient {
  readonly #store: RecordStore;
  readonly #clock: Clock;
  readonly #rules: PlausibilityRules;
  readonly #observer: StoreObserver;
  #known: KnownRecord | undefined;
  #sample: StoreTimeSample | undefined;
  #sinceMs: number | undefined;
  /** The number of versions of the record that were read or written, up to 2. */
  #versions = 0;
  #highestTerm = 0;
  /** The id of the last write that was sent. A record with this id was written by this replica. */
  #lastWrite = "";
  /** The owner of the last record that this replica wrote. */
  #owner = "";
  /** The id of this replica in the list of standbys, drawn when it is first listed. */
  #standbyId: string | undefined;
  /** The time of the last confirmed write, by the monotonic clock. */
  #writtenMs = -Infinity;

  /** Creates a client that knows no record. */
  constructor({ store, clock, rules, observer }: StoreClientOptions) {
    this.#store = store;
    this.#clock = clock;
    this.#rules = rules;
    this.#observer = observer;
  }

  /** The record as last read or written; `undefined` if it must be read first. */
  get known(): KnownRecord | undefined {
    return this.#known;
  }

  /** The known record if this replica has claimed it last, or has been handed the next run; otherwise `undefined`. */
  get ownRecord(): StatusRecord | undefined {
    const found = this.#known?.found;
    return found?.kind === "record" && this.#isOwn(found.record) ? found.record : undefined;
  }

  /** The id of this replica in the list of standbys; `undefined` if it was never listed. */
  get standbyId(): string | undefined {
    return this.#standbyId;
  }

  /** Returns the id of this replica for the list of standbys. */
  newStandbyId(): string {
    return this.#standbyId ??= newStandbyId();
  }

  /** Whether this is the preferred replica, and its clock is reliable. Then it may claim the record without a read. */
  get isPreferred(): boolean {
    return this.ownRecord !== undefined && isReliable(this.#clock, this.#sample);
  }

  /** The highest term that this replica has seen. */
  get highestTerm(): number {
    return this.#highestTerm;
  }

  /** The time of the first read that has found data, in store time; the present if the clock was set back since then. */
  get sinceMs(): number {
    return Math.min(this.#sinceMs ?? Infinity, this.earliestNowMs);
  }

  /** Whether no other version of the record was read or written. */
  get isFirstVersion(): boolean {
    return this.#versions < 2;
  }

  /** The length of the last run in milliseconds; 0 if there is none. */
  get lastRunMs(): number {
    const found = this.#known?.found;
    return found?.kind === "record" ? found.record.recent.lastLengthMs : 0;
  }

  /** The time of the last confirmed write of this replica, by the monotonic clock. */
  get writtenMs(): number {
    return this.#writtenMs;
  }

  /** Whether the store's time is known. */
  get hasStoreClock(): boolean {
    return this.#sample !== undefined;
  }

  /** The resolution of the store's clock as far as it is known: one second if it only shows whole seconds, otherwise 0. */
  get resolutionMs(): number {
    return this.#sample?.coarseMs ?? 0;
  }

  /** The earliest possible present, in store time. */
  get earliestNowMs(): number {
    return earliestNowMs(this.#clock, this.#sample);
  }

  /** The latest possible present, in store time. */
  get latestNowMs(): number {
    return latestNowMs(this.#clock, this.#sample);
  }

  /** Returns a due time of the record in the host's time. */
  hostDueTimeMs(dueMs: number): number {
    return dueMs - dueTimesAheadMs(this.#sample);
  }

  /** The lead of the store's clock over the host's, as far as it is known. */
  get ahead(): StoreAhead {
    return storeAheadOf(this.#sample);
  }

  /** Reads the record. */
  async read(limits?: CallLimits): Promise<ReadResult> {
    const sent = instant(this.#clock);
    try {
      const entry = await this.#store.read(limits);
      const known = this.#update(entry, sent);
      this.#observer.storeAnswered();
      return { outcome: "read", entry, known };
    } catch (error) {
      return this.#failed(error, limits);
    }
  }

  /**
   * Reads the record for users. The known record stays the same, as this read may be answered after a later one.
   *
   * @returns The data at the key, and the lead of the store's clock over the host's.
   * @throws {unknown} The error of the store.
   */
  async inspect(): Promise<StoreAhead & { found: FoundRecord }> {
    const sent = instant(this.#clock);
    const { found, storeTime } = await this.#store.read();
    const sample = sampleStoreTime(storeTime, sent, instant(this.#clock)) ?? this.#sample;
    return { found, ...storeAheadOf(sample) };
  }

  /**
   * Writes a record if the store still has the version to replace.
   *
   * @param record The record. A repeated write keeps its id, so that it is recognised if an earlier attempt takes effect.
   * @param version The version to replace, or `null` if there must be no record.
   * @param limits The limits of the call.
   */
  async write(record: IdentifiedRecord, version: string | null, limits?: CallLimits): Promise<WriteResult> {
    this.#lastWrite = record.write;
    try {
      const written = await this.#store.write(record, version, limits);
      this.#observer.storeAnswered();
      if (written === null) return { outcome: "conflict" };
      this.#writtenMs = this.#clock.monotonicMs();
      this.#keep({ kind: "record", record }, written, this.#writtenMs);
      return { outcome: "written", version: written };
    } catch (error) {
      return this.#failed(error, limits);
    }
  }

  /**
   * Gives up the place of the preferred replica, so that standbys do not wait for it, or the place in the list of standbys. The list is
   * cleared with the first one, as listed standbys may stop at the same moment.
   *
   * A failure is ignored, as standbys then wait for the fallback delay, and the place is free after some runs.
   *
   * @param limitMs The limit of a call in milliseconds.
   */
  async resign(limitMs: number): Promise<void> {
    const { ownRecord } = this;
    if (this.#known && ownRecord) {
      const resigned = this.#resigned(ownRecord);
      if (!resigned || await this.#leave(resigned, this.#known.version, limitMs)) return;
    } else if (this.#standbyId === undefined) return;
    // the record that is known is not that of the present, and several replicas may stop at the same moment
    for (let attempt = 0; attempt < RESIGN_ATTEMPTS; attempt++) {
      const entry = await this.#store.read({ limitMs: limitMs / 2 }).catch(() => undefined);
      const resigned = entry?.found.kind === "record" ? this.#resigned(entry.found.record) : undefined;
      if (!entry || !resigned || await this.#leave(resigned, entry.version, limitMs / 2)) return;
    }
  }

  /** Returns a record without this replica as the preferred one or as a listed standby; `undefined` if it is neither. */
  #resigned(record: StatusRecord): StatusRecord | undefined {
    if (record.state === "running") return undefined;
    if (this.#isOwn(record)) return { ...record, owner: NO_OWNER, preferred: undefined, standbys: NO_STANDBYS };
    const standbys = withoutStandby(record.standbys, this.#standbyId);
    return standbys.length < record.standbys.length ? { ...record, standbys } : undefined;
  }

  /** Writes a record, and returns whether that is all that can be done: it is not if the record had changed. */
  async #leave(record: StatusRecord, version: string | null, limitMs: number): Promise<boolean> {
    const written = await this.#store.write(identified(record), version, { limitMs }).catch(() => undefined);
    return written !== null;
  }

  /** Whether this replica has claimed a record last, or has been handed the next run. */
  #isOwn({ owner, preferred }: StatusRecord): boolean {
    return preferred === undefined ? owner === this.#owner : preferred === this.#standbyId;
  }

  /** Forgets the known record, so that it must be read before the next decision. */
  forget(): void {
    this.#known = undefined;
  }

  #failed(error: unknown, limits: CallLimits | undefined): { outcome: "failed"; error: unknown } {
    if (!limits?.signal?.aborted) this.#observer.storeFailed(error);
    return { outcome: "failed", error };
  }

  /** Updates the known record and the store's time by a read. Warns of implausible values in a record that is new. */
  #update({ found, version, storeTime }: RecordEntry, sent: Instant): KnownRecord {
    const received = instant(this.#clock);
    this.#sample = sampleStoreTime(storeTime, sent, received) ?? this.#sample;
    // without a record, many stores do not show their clock
    if (version !== null) this.#sinceMs = this.sinceMs;
    if (this.#known && this.#known.version === version) return this.#known;
    // the due times that a task had run for before it was reset, or before its record was lost, are not run again
    const lastDueMs = isNew(found) ? this.#lastDueMs(this.#known?.found) : -Infinity;
    if (lastDueMs > this.sinceMs) this.#sinceMs = lastDueMs;
    const known = this.#keep(found, version, received.monotonicMs);
    if (found.kind === "record") {
      const warnings = implausibilities(found.record, known.firstSeenMs, this.#rules);
      for (const warning of warnings) this.#observer.warn(warning);
    }
    return known;
  }

  /** Returns the due time of the last run; -Infinity if there was none, or if it is ahead. */
  #lastDueMs(found: FoundRecord | undefined): number {
    if (found?.kind !== "record" || found.record.state === "idle") return -Infinity;
    const { scheduledMs, startedMs = NaN } = found.record;
    const lastMs = scheduledMs ?? startedMs;
    return lastMs <= this.earliestNowMs ? lastMs : -Infinity;
  }

  #keep(found: FoundRecord, version: string | null, firstSeenMonotonicMs: number): KnownRecord {
    this.#known = { found, version, firstSeenMonotonicMs, firstSeenMs: this.earliestNowMs };
    if (found.kind === "record") {
      const { state, owner, term, write } = found.record;
      this.#versions = Math.min(this.#versions + 1, 2);
      this.#highestTerm = Math.max(this.#highestTerm, term);
      // a replica that writes the next due time into the record of another one does not own it
      if (state === "running" && write === this.#lastWrite) this.#owner = owner;
    }
    return this.#known;
  }
}

/** Whether a task has neither run nor a first due time. */
function isNew(found: FoundRecord): boolean {
  return found.kind === "none" ||
    found.kind === "record" && found.record.state === "idle" && found.record.dueMs === undefined;
}

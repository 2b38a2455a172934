/**
 * Stores for the record of one scheduler: a store that replicas share, or the scheduler's own memory.
 *
 * @module
 */
import { cannot } from "../errors.ts";
import { parseRecord } from "../record/parse.ts";
import { serialiseRecord } from "../record/serialise.ts";
import { type FoundRecord, NONE, type StatusRecord } from "../record/status_record.ts";
import type { Clock } from "../time/clock.ts";
import { withDeadline } from "./deadline.ts";
import { readShared } from "./shared_reads.ts";
import type { StatusEntry, StatusStore } from "./store.ts";

/** The result of a read. */
export interface RecordEntry {
  readonly found: FoundRecord;
  /** The version; `null` if there is no record. */
  readonly version: string | null;
  /** The time of the store's clock at the read, if the store has a clock. */
  readonly storeTime: number | undefined;
}

/** The limits of a call. */
export interface CallLimits {
  /** Ends the call immediately. */
  readonly signal?: AbortSignal | undefined;
  /** A limit shorter than {@linkcode MAX_CALL_MS}, in milliseconds. */
  readonly limitMs?: number | undefined;
}

/** A store for one record, with the contract of {@linkcode StatusStore}. */
export interface RecordStore {
  read(limits?: CallLimits): Promise<RecordEntry>;
  write(record: StatusRecord, version: string | null, limits?: CallLimits): Promise<string | null>;
}

/** The longest call to a store, in milliseconds. */
export const MAX_CALL_MS = 10_000;

/** The record of a task in a {@linkcode StatusStore}. Each call has a deadline, and its answer is checked. */
export class SharedRecordStore implements RecordStore {
  readonly #store: StatusStore;
  readonly #name: string;
  readonly #clock: Clock;
  readonly #leaseMs: number;

  /** Creates the store of one task. */
  constructor(store: StatusStore, { name, clock, leaseMs }: { name: string; clock: Clock; leaseMs: number }) {
    this.#store = store;
    this.#name = name;
    this.#clock = clock;
    this.#leaseMs = leaseMs;
  }

  async read({ signal, limitMs }: CallLimits = {}): Promise<RecordEntry> {
    const entry = checkedEntry(
      await withDeadline(
        this.#clock,
        this.#limitMs(limitMs),
        signal,
        (options) => readShared(this.#store, this.#name, options),
      ),
    );
    if (entry === null) return { found: NONE, version: null, storeTime: undefined };
    return { found: parseRecord(entry.value), version: entry.version, storeTime: entry.storeTime };
  }

  async write(
    record: StatusRecord,
    version: string | null,
    { signal, limitMs }: CallLimits = {},
  ): Promise<string | null> {
    const value = serialiseRecord(record);
    return checkedVersion(
      await withDeadline(
        this.#clock,
        this.#limitMs(limitMs),
        signal,
        (options) => this.#store.write(this.#name, value, version, options),
      ),
    );
  }

  /** Returns the limit of a call. It is at most a lease, as a claim that takes longer is useless. */
  #limitMs(limitMs: number = MAX_CALL_MS): number {
    return Math.min(limitMs, this.#leaseMs);
  }
}

/** The record of a scheduler without a store. It is private to the scheduler, so it is not serialised. */
export class LocalRecordStore implements RecordStore {
  #entry: RecordEntry = { found: NONE, version: null, storeTime: undefined };

  // async, so that an aborted signal causes a rejection and not a synchronous error
  // deno-lint-ignore require-await
  async read({ signal }: CallLimits = {}): Promise<RecordEntry> {
    signal?.throwIfAborted();
    return this.#entry;
  }

  // deno-lint-ignore require-await
  async write(record: StatusRecord, _version: string | null, { signal }: CallLimits = {}): Promise<string | null> {
    signal?.throwIfAborted();
    // one version is enough, as only this scheduler changes the record
    this.#entry = { found: { kind: "record", record }, version: "1", storeTime: undefined };
    return "1";
  }
}

const DOING = "use the answer of the store";

/** Returns the answer of a read. Throws if it is neither `null` nor an entry. */
export function checkedEntry(entry: StatusEntry | null | undefined): StatusEntry | null {
  if (entry === null || entry === undefined) return null;
  const { value, version } = Object(entry) as Partial<Record<keyof StatusEntry, unknown>>;
  if (!(value instanceof Uint8Array)) {
    throw new TypeError(cannot(DOING, "read() must return null or an entry with a Uint8Array as its value", value));
  }
  if (typeof version !== "string" || version === "") {
    throw new TypeError(cannot(DOING, "read() must return a version that is a non-empty string", version));
  }
  return entry;
}

/** Returns the answer of a write. Throws if it is neither `null` nor a version. */
export function checkedVersion(version: unknown): string | null {
  if (version === null || (typeof version === "string" && version !== "")) return version;
  throw new TypeError(cannot(DOING, "write() must return null or a version that is a non-empty string", version));
}

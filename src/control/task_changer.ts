/**
 * Makes a change of a record by conditional writes, until it is known to be made.
 *
 * @module
 */
import { cannot, textOf, unusableRecordError } from "../errors.ts";
import { parseRecord } from "../record/parse.ts";
import { type FoundRecord, NEVER_RUN, type StatusRecord } from "../record/status_record.ts";
import { taskStatusOf } from "../results.ts";
import type { StatusStore } from "../store/store.ts";
import { earliestNowMs, storeAheadOf, type StoreTimeSample } from "../store/store_time.ts";
import { backoffMs } from "../time/backoff.ts";
import { elapsedMs, type Instant, instant } from "../time/clock.ts";
import { delay } from "../time/delay.ts";
import { changedBytes, neverRunBytes } from "./changed_bytes.ts";
import { TaskRunningError, UnconfirmedChangeError, UnknownTaskError } from "./errors.ts";
import { leaseOf } from "./lease.ts";
import { nearestTask } from "./nearest_task.ts";
import type { ChangeSettings } from "./options.ts";
import type { ChangeResult, OverwrittenWrite, Plan, TaskChange } from "./task_change.ts";
import { type StoredRecord, TaskRecord } from "./task_record.ts";

/** The longest time of a call, in milliseconds. */
const LIMIT_MS = 30_000;

/** The maximum number of attempts of a call. */
const MAX_ATTEMPTS = 20;

/** The shortest and the longest wait between two attempts, in milliseconds. */
const FIRST_WAIT_MS = 50;
const LONGEST_WAIT_MS = 2_000;

const NO_SIGNAL = new AbortController().signal;

/** A write that is not confirmed. */
interface PendingWrite<Outcome extends string> extends OverwrittenWrite {
  readonly outcome: Outcome;
  readonly bytes: Uint8Array;
  readonly version: string;
}

/** The next step after a read: the end of the call, a write, or the creation of the record. */
type Step<Outcome extends string> =
  | { readonly kind: "end"; readonly outcome: Outcome; readonly record: StatusRecord }
  | { readonly kind: "write"; readonly write: PendingWrite<Outcome> }
  | { readonly kind: "create" };

/** The task, the change and the settings of a call. */
export interface TaskChangerOptions<Outcome extends string> {
  readonly store: StatusStore;
  readonly name: string;
  readonly settings: ChangeSettings;
  readonly change: TaskChange<Outcome>;
}

/** Makes one change of a record. */
export class TaskChanger<Outcome extends string> {
  readonly #options: TaskChangerOptions<Outcome>;
  readonly #record: TaskRecord;
  readonly #started: Instant;
  #attempts = 0;
  #pending: PendingWrite<Outcome> | undefined;
  #sample: StoreTimeSample | undefined;
  #calledMs: number | undefined;
  /** Whether a write was sent, so that an error no longer means that nothing has changed. */
  #hasWritten = false;
  #lastError: unknown;

  /** Creates a changer for one call. */
  constructor(options: TaskChangerOptions<Outcome>) {
    const { store, name, settings } = options;
    this.#options = options;
    this.#record = new TaskRecord({ store, name, clock: settings.clock, signal: settings.signal });
    this.#started = instant(settings.clock);
  }

  /** Reads, plans and writes until the change is known to be made or not to be needed. */
  async run(): Promise<ChangeResult<Outcome>> {
    for (;;) {
      const stored = await this.#read();
      if (stored) {
        const step = await this.#stepAfter(stored);
        if (step.kind === "end") return this.#result(step.outcome, step.record);
        const isWritten = step.kind === "write" ? await this.#write(step.write) : await this.#create();
        if (isWritten && step.kind === "write") return this.#result(step.write.outcome, step.write.written);
        // the record that was created must be read, as many stores show their clock only together with a record
        if (isWritten) continue;
      }
      await this.#wait();
    }
  }

  /** Reads the record. Returns `undefined` if the read failed and must be repeated, as a write may have taken effect. */
  async #read(): Promise<StoredRecord | undefined> {
    try {
      const stored = await this.#record.read(this.#leftMs);
      this.#sample = stored.sample ?? this.#sample;
      this.#calledMs ??= stored.version === null ? undefined : this.#nowMs;
      return stored;
    } catch (error) {
      if (!this.#hasWritten) throw error;
      this.#noteError(error);
      return undefined;
    }
  }

  /** Returns the next step by the record that was read. */
  async #stepAfter({ found, value, version }: StoredRecord): Promise<Step<Outcome>> {
    const { name, change } = this.#options;
    if (version === null) return await this.#stepWithoutRecord();
    const record = this.#usable(found);
    const pending = this.#pending;
    if (pending) {
      const isThere = record.write === pending.written.write;
      if (isThere || change.showsEffect(record, pending)) return { kind: "end", outcome: pending.outcome, record };
      // it may not have arrived yet, and must not arrive after another one
      if (pending.isUnanswered && version === pending.version) return { kind: "write", write: pending };
    }
    const plan = this.#plan(record);
    if (plan.kind === "refuse") {
      const { lease } = plan;
      const until = lease.kind === "living" ? new Date(lease.untilMs - storeAheadOf(this.#sample).aheadMs) : undefined;
      throw new TaskRunningError(`${change.doing} "${name}"`, until);
    }
    if (plan.kind === "keep") return { kind: "end", outcome: plan.outcome, record };
    const base = found.kind === "none" ? neverRunBytes() : value;
    const bytes = changedBytes(base, plan.changes, change.doing);
    const written = this.#usable(parseRecord(bytes));
    return {
      kind: "write",
      write: { outcome: plan.outcome, bytes, version, before: record, written, isUnanswered: false },
    };
  }

  async #stepWithoutRecord(): Promise<Step<Outcome>> {
    const { store, name, settings, change } = this.#options;
    if (change.createsRecord) return { kind: "create" };
    throw new UnknownTaskError(change.doing, name, await nearestTask(store, name, settings));
  }

  /** Returns the record in the data at the key. Zero bytes are a record before the first run. */
  #usable(found: FoundRecord): StatusRecord {
    if (found.kind === "record") return found.record;
    if (found.kind === "none") return NEVER_RUN;
    throw unusableRecordError(this.#options.name, found);
  }

  #plan(record: StatusRecord): Plan<Outcome> {
    const { settings, change } = this.#options;
    const nowMs = this.#nowMs;
    const lease = leaseOf(record, { ...settings, nowMs, hasStoreClock: this.#sample !== undefined });
    return change.plan({ record, lease, calledMs: this.#calledMs ?? nowMs });
  }

  /** Writes a record. Returns whether the store has confirmed the write. */
  async #write(write: PendingWrite<Outcome>): Promise<boolean> {
    this.#pending = write;
    const answer = await this.#send(write.bytes, write.version);
    if (answer === "failed") this.#pending = { ...write, isUnanswered: true };
    return answer === "written";
  }

  /** Writes a record before the first run. Returns whether the store has confirmed the write. */
  async #create(): Promise<boolean> {
    return await this.#send(neverRunBytes(), null) === "written";
  }

  async #send(bytes: Uint8Array, version: string | null): Promise<"written" | "conflict" | "failed"> {
    this.#hasWritten = true;
    try {
      return await this.#record.write(bytes, version, this.#leftMs) === null ? "conflict" : "written";
    } catch (error) {
      this.#noteError(error);
      return "failed";
    }
  }

  /** Keeps an error of the store. Throws the reason of the signal instead if it has aborted. */
  #noteError(error: unknown): void {
    this.#options.settings.signal?.throwIfAborted();
    this.#lastError = error;
  }

  /** Waits before the next attempt. Throws if there must be none. */
  async #wait(): Promise<void> {
    const { settings: { clock, signal = NO_SIGNAL }, change } = this.#options;
    const waitMs = backoffMs(++this.#attempts, LONGEST_WAIT_MS, clock.random(), FIRST_WAIT_MS);
    if (this.#attempts >= MAX_ATTEMPTS || waitMs >= this.#leftMs) {
      const state = "the store has not confirmed it, so it may take effect or not";
      const value = this.#lastError === undefined ? `${this.#attempts} conflicts` : textOf(this.#lastError);
      throw new UnconfirmedChangeError(cannot(change.doing, state, value), { cause: this.#lastError });
    }
    await delay(clock, waitMs, signal);
    signal.throwIfAborted();
  }

  #result(outcome: Outcome, record: StatusRecord): ChangeResult<Outcome> {
    return { outcome, status: taskStatusOf(record, storeAheadOf(this.#sample)) };
  }

  /** The earliest possible present, in store time if the store has a clock. */
  get #nowMs(): number {
    return earliestNowMs(this.#options.settings.clock, this.#sample);
  }

  /** The rest of the time of this call, in milliseconds; at least 1, as the deadline of a call. */
  get #leftMs(): number {
    return Math.max(1, LIMIT_MS - elapsedMs(this.#options.settings.clock, this.#started));
  }
}

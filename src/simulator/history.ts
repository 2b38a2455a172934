/**
 * The history of a simulation: what its schedulers did, and what they know by now.
 *
 * @module
 */
import type { StatusEntry } from "../store/store.ts";
import { sameBytes } from "../store_check/store_check_error.ts";
import type {
  ObservedCall,
  ObservedRun,
  ObservedScheduler,
  ObservedWrite,
  Observer,
  WriteKind,
} from "./observations.ts";
import { type RecordView, viewOf } from "./record_view.ts";
import type { Stats } from "./stats.ts";
import type { Trace } from "./trace.ts";
import type { VirtualClock } from "./virtual_clock.ts";

/** The history of one simulation. */
export class History {
  /** The observers, in the order in which they are called. */
  readonly observers: Observer[] = [];
  readonly schedulers: ObservedScheduler[] = [];
  readonly runs: ObservedRun[] = [];
  /** The claims by owner. */
  readonly claims: Map<string, ObservedWrite> = new Map();
  /** The present record. */
  record: RecordView = viewOf(null);
  /** When it was written. */
  recordMs = 0;
  readonly #clock: VirtualClock;
  readonly #stats: Stats;
  readonly #trace: Trace;
  readonly #source: (() => Uint8Array | null) | undefined;
  readonly #writes = new Map<string, ObservedWrite>();
  readonly #views = new WeakMap<Uint8Array, RecordView>();
  #value: Uint8Array | null | undefined;
  #changes = 0;

  /**
   * Starts a history.
   *
   * @param clock The true time.
   * @param stats Where writes and takeovers are counted.
   * @param trace Where events are added.
   * @param source Returns what the store holds now; without it the record is not known.
   */
  constructor(clock: VirtualClock, stats: Stats, trace: Trace, source?: () => Uint8Array | null) {
    this.#clock = clock;
    this.#stats = stats;
    this.#trace = trace;
    this.#source = source;
  }

  /** Whether it is known what the store holds. */
  get knowsRecord(): boolean {
    return this.#source !== undefined;
  }

  /** What the store holds. */
  get value(): Uint8Array | null {
    return this.#value ?? null;
  }

  /** Calls a method of all observers. */
  notify<Name extends keyof Observer>(name: Name, ...args: Parameters<NonNullable<Observer[Name]>>): void {
    for (const observer of this.observers) {
      const method = observer[name] as ((...args: Parameters<NonNullable<Observer[Name]>>) => void) | undefined;
      method?.apply(observer, args);
    }
  }

  /** Reads what the store holds now, if that is known. */
  refresh(): void {
    if (this.#source) this.setValue(this.#source());
  }

  /** Notes what the store holds now. */
  setValue(value: Uint8Array | null): void {
    if (value === this.#value || (value && this.#value && sameBytes(value, this.#value))) return;
    const before = this.record;
    this.#value = value;
    const after = this.viewOf(value);
    this.record = after;
    this.recordMs = this.#clock.elapsedMs;
    this.#changes++;
    this.#stats.writes++;
    const write = this.#writes.get(keyOf(after));
    // a record that something else has put back is no write of a scheduler
    const isNew = write?.appliedMs === undefined;
    if (write && isNew) write.appliedMs = this.#clock.elapsedMs;
    const own = isNew ? write : undefined;
    if (own?.kind === "claim" && before.state === "running" && before.owner !== "-") this.#stats.takeovers++;
    this.#trace.addChange(own?.scheduler.process, this.#changes, after, own && labelOf(own));
    this.notify("recordChanged", own, after, before);
  }

  /** A scheduler sends a call. Returns the call, for `callEnded` and the other methods. */
  callSent(
    scheduler: ObservedScheduler,
    kind: "read" | "write",
    value: Uint8Array | undefined,
    signal: AbortSignal | undefined,
  ): ObservedCall {
    const write = value && this.#writeOf(scheduler, value);
    const sentMs = this.#clock.elapsedMs;
    const isReadBack = kind === "read" && scheduler.unconfirmedMs === sentMs;
    const call: ObservedCall = {
      scheduler,
      kind,
      sentMs,
      write,
      value,
      signal,
      endedMs: undefined,
      failed: false,
      isReadBack,
    };
    // from then on the scheduler ignores the answer, which its client may still wait for
    signal?.addEventListener("abort", () => this.callEnded(call, true));
    this.notify("callSent", call);
    return call;
  }

  /** A call has ended, with an answer or an error. */
  callEnded(call: ObservedCall, failed: boolean): void {
    if (call.endedMs !== undefined) return;
    const nowMs = this.#clock.elapsedMs;
    call.endedMs = nowMs;
    call.failed = failed;
    if (!failed) return;
    const { scheduler, write } = call;
    if (write) scheduler.unconfirmedMs = nowMs;
    scheduler.undisturbedMs = nowMs;
    if (write && isReadBack(write)) scheduler.hasUnknownWrite = true;
    this.#trace.add(scheduler.process, `${call.kind} failed`, write && labelOf(write));
  }

  /** A read was answered in time; `refresh` comes before. */
  readAnswered(call: ObservedCall, entry: StatusEntry | null): void {
    const { scheduler } = call;
    const view = this.viewOf(entry?.value);
    this.notify("readAnswered", call, view, entry);
    if (entry) {
      const { wallMs } = scheduler.process.machine.clock;
      scheduler.firstRead ??= { sentMs: call.sentMs, answeredMs: this.#clock.elapsedMs, wallMs };
    }
    if (entry?.storeTime !== undefined) this.#setStoreTime(call, entry.storeTime);
    const write = view.write === undefined ? undefined : this.#writes.get(view.write);
    const isOwn = write?.scheduler === scheduler;
    if (isOwn || view !== scheduler.known?.view) scheduler.hasUnknownWrite = false;
    if (write && isOwn) {
      // a scheduler that has given a claim up does not run it when it finds it later
      if (write.kind === "claim" && !call.isReadBack) write.mayBeGivenUp = true;
      this.#setKnown(write);
    }
    const claim = scheduler.lastClaim;
    if (!isOwn && claim && (!claim.base || keyOf(view) !== keyOf(claim.base))) claim.mayBeGivenUp = true;
    const atMs = this.#clock.elapsedMs;
    const sinceMs = scheduler.known?.view === view ? scheduler.known.sinceMs : atMs;
    scheduler.known = { view, atMs, sinceMs };
  }

  /** A write was answered in time, with the new version or null; `refresh` comes before. */
  writeAnswered(call: ObservedCall, replaced: string | null, version: string | null): void {
    const { scheduler, write, value } = call;
    if (version === null || !write || !value) {
      scheduler.unconfirmedMs = this.#clock.elapsedMs;
      if (write && write.appliedMs === undefined) write.mayBeGivenUp = true;
      if (!write || isReadBack(write)) scheduler.hasUnknownWrite = true;
      return;
    }
    const atMs = this.#clock.elapsedMs;
    // a write that is repeated may have other bytes
    scheduler.known = { view: this.viewOf(value), atMs, sinceMs: atMs };
    scheduler.hasUnknownWrite = false;
    this.#setKnown(write);
    this.notify("writeConfirmed", write, { value, replaced, version });
  }

  /** Reads a record; the same bytes give the same view. */
  viewOf(value: Uint8Array | null | undefined): RecordView {
    if (!value) return viewOf(value);
    let view = this.#views.get(value);
    if (!view) this.#views.set(value, view = viewOf(value));
    return view;
  }

  #setStoreTime({ scheduler, sentMs }: ObservedCall, storeTime: number): void {
    const lagMs = this.#clock.elapsedMs - sentMs + (storeTime % 1_000 === 0 ? 1_000 : 0);
    // when a scheduler reads an unconfirmed write back, it may leave the time aside
    scheduler.storeTimeLagMs = scheduler.hasUnknownWrite ? Math.max(lagMs, scheduler.storeTimeLagMs) : lagMs;
    if (!scheduler.hasUnknownWrite) scheduler.storeTimeReadMs = sentMs;
  }

  /** The write of a record: a new one, or the one that is sent again. */
  #writeOf(scheduler: ObservedScheduler, value: Uint8Array): ObservedWrite {
    const view = this.viewOf(value);
    const key = keyOf(view);
    const known = this.#writes.get(key);
    if (known) return known;
    const sentMs = this.#clock.elapsedMs;
    const write: ObservedWrite = {
      number: this.#writes.size + 1,
      scheduler,
      kind: this.#kindOf(view, scheduler.known?.view),
      view,
      sentMs,
      storeTimeAgeMs: sentMs - (scheduler.storeTimeReadMs ?? scheduler.startedMs),
      storeTimeLagMs: scheduler.storeTimeLagMs,
      isTriggered: scheduler.triggeredMs === Infinity,
      base: scheduler.known?.view,
      appliedMs: undefined,
      confirmedMs: undefined,
      run: undefined,
      mayBeGivenUp: false,
    };
    this.#writes.set(key, write);
    // a replica adds nobody but itself to the list
    const base = write.base?.standbys ?? [];
    scheduler.standbyId ??= view.standbys.find((id) => !base.includes(id));
    if (write.kind === "claim") {
      this.claims.set(view.owner, write);
      scheduler.lastClaim = write;
    }
    if (write.kind !== "heartbeat") this.#trace.add(scheduler.process, "sends", labelOf(write));
    this.notify("writeSent", write);
    return write;
  }

  #kindOf({ state, owner, term, standbys }: RecordView, base: RecordView | undefined): WriteKind {
    const isOfSameRun = base?.kind === "status" && base.state === state && base.owner === owner && base.term === term;
    if (isOfSameRun && state !== "running") return `${base.standbys}` === `${standbys}` ? "due" : "list";
    if (owner === "-" && term > 0) return "release";
    if (state === "running") return this.claims.has(owner) ? "heartbeat" : "claim";
    if (owner !== "-") return "outcome";
    return state === "idle" && term === 0 ? "first" : "release";
  }

  #setKnown(write: ObservedWrite): void {
    if (write.confirmedMs === undefined) {
      write.confirmedMs = this.#clock.elapsedMs;
      this.notify("writeKnown", write);
    }
    const run = this.claims.get(write.view.owner)?.run;
    if (run && write.kind === "heartbeat") run.leaseStartMs = Math.max(run.leaseStartMs, write.sentMs);
  }
}

/** Tells writes apart: by their write id, or by owner and state, as those of the original have none. */
function keyOf({ write, owner, state }: RecordView): string {
  return write ?? `${owner} ${state}`;
}

/** Whether a scheduler reads the record back immediately if a write is not confirmed. */
function isReadBack({ kind }: ObservedWrite): boolean {
  return kind !== "first" && kind !== "due" && kind !== "list";
}

/** A write as timelines and violations name it. */
export function labelOf({ kind, view, number }: ObservedWrite): string {
  return `${kind} w${number} of term ${view.term}`;
}

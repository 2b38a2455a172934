/**
 * What has happened so far, put together from what an observer sees, and passed on to those who check it.
 *
 * @module
 */
import type { StatusEntry } from "../../store.ts";
import { sameBytes } from "../expectation.ts";
import { type RecordView, viewOf } from "./record_view.ts";
import type { CallSeen, RunSeen, SchedulerSeen, Watcher, WriteKind, WriteSeen } from "./seen.ts";
import type { Stats } from "./stats.ts";
import type { Trace } from "./trace.ts";
import type { VirtualTime } from "./virtual_time.ts";

/** The history of a world. */
export class History {
  /** Those who are told, in this order. */
  readonly watchers: Watcher[] = [];
  readonly schedulers: SchedulerSeen[] = [];
  readonly runs: RunSeen[] = [];
  /** The claims by owner. */
  readonly claims: Map<string, WriteSeen> = new Map();
  /** The record as it stands. */
  record: RecordView = viewOf(null);
  /** When it was written. */
  recordMs = 0;
  /** By which write, if it was one of ours. */
  recordWrite: WriteSeen | undefined;
  /** How many records there have been. */
  versions = 0;
  readonly #time: VirtualTime;
  readonly #stats: Stats;
  readonly #trace: Trace;
  readonly #writes = new Map<string, WriteSeen>();
  readonly #source: (() => Uint8Array | null) | undefined;
  readonly #views = new WeakMap<Uint8Array, RecordView>();
  #value: Uint8Array | null | undefined;

  /**
   * Begins a history.
   *
   * @param source Shows what the store holds now; if absent, the history knows nothing of the record.
   */
  constructor(time: VirtualTime, stats: Stats, trace: Trace, source?: () => Uint8Array | null) {
    this.#source = source;
    this.#time = time;
    this.#stats = stats;
    this.#trace = trace;
  }

  /** What the store holds. */
  get value(): Uint8Array | null {
    return this.#value ?? null;
  }

  /** Whether it is known what the store holds. */
  get showsRecord(): boolean {
    return this.#source !== undefined;
  }

  /** A scheduler sends a call. */
  calling(
    scheduler: SchedulerSeen,
    kind: "read" | "write",
    value: Uint8Array | undefined,
    signal: AbortSignal | undefined,
  ): CallSeen {
    const write = value && this.#writing(scheduler, value);
    const call: CallSeen = {
      scheduler,
      kind,
      sentMs: this.#time.nowMs,
      write,
      signal,
      endedMs: undefined,
      failed: false,
      isReadBack: kind === "read" && scheduler.doubtedMs === this.#time.nowMs,
    };
    // the scheduler waits no longer; what its client makes of it may come later, or never
    signal?.addEventListener("abort", () => this.ended(call, true));
    for (const watcher of this.watchers) watcher.called?.(call);
    return call;
  }

  /** A call has ended. */
  ended(call: CallSeen, failed: boolean): void {
    if (call.endedMs !== undefined) return;
    call.endedMs = this.#time.nowMs;
    call.failed = failed;
    if (call.write && failed) call.scheduler.doubtedMs = this.#time.nowMs;
    if (failed) {
      call.scheduler.undisturbedMs = this.#time.nowMs;
      if (call.write && call.write.kind !== "first") call.scheduler.isInDoubt = true;
      this.#trace.note(call.scheduler.process, `${call.kind} failed`, call.write && labelOf(call.write));
    }
    for (const watcher of this.watchers) watcher.answered?.(call);
  }

  /** A read was answered in time; the history is to be refreshed before. */
  hasRead(call: CallSeen, entry: StatusEntry | null): void {
    const { scheduler, sentMs, isReadBack } = call;
    const view = this.viewOf(entry?.value);
    for (const watcher of this.watchers) watcher.read?.(call, view, entry);
    if (entry?.storeTime !== undefined) {
      const behindMs = this.#time.nowMs - sentMs + (entry.storeTime % 1_000 === 0 ? 1_000 : 0);
      // of what is read back after a write in doubt, a scheduler may not take in the time
      scheduler.behindMs = scheduler.isInDoubt ? Math.max(behindMs, scheduler.behindMs) : behindMs;
      if (!scheduler.isInDoubt) scheduler.anchoredMs = sentMs;
    }
    const claim = scheduler.lastClaim;
    const write = view.write === undefined ? undefined : this.#writes.get(view.write);
    if (write?.scheduler === scheduler || view !== scheduler.known?.view) scheduler.isInDoubt = false;
    if (write?.scheduler === scheduler) {
      // a scheduler that has given its claim up does not take it up again when it finds it later
      if (write.kind === "claim" && !isReadBack) write.isDoubted = true;
      this.#known(write);
    }
    if (write?.scheduler !== scheduler && claim && (!claim.base || keyOf(view) !== keyOf(claim.base))) {
      claim.isDoubted = true;
    }
    scheduler.known = { view, atMs: this.#time.nowMs };
  }

  /** A write was answered in time; the history is to be refreshed before. */
  hasWritten({ scheduler, write }: CallSeen, replaced: string | null, version: string | null): void {
    if (version === null || !write) {
      scheduler.doubtedMs = this.#time.nowMs;
      if (write && write.landedMs === undefined) write.isDoubted = true;
      if (write?.kind !== "first") scheduler.isInDoubt = true;
      return;
    }
    scheduler.known = { view: write.view, atMs: this.#time.nowMs };
    scheduler.isInDoubt = false;
    this.#known(write);
    for (const watcher of this.watchers) watcher.confirmed?.(write, replaced, version);
  }

  /** Looks at what the store holds now, if it shows that. */
  refresh(): void {
    if (this.#source) this.look(this.#source());
  }

  /** Takes in what the store holds now. */
  look(value: Uint8Array | null): void {
    if (value === this.#value || (value && this.#value && sameBytes(value, this.#value))) return;
    const before = this.record;
    this.#value = value;
    const after = this.viewOf(value);
    this.record = after;
    this.recordMs = this.#time.nowMs;
    this.versions++;
    this.#stats.writes++;
    const write = this.#writes.get(keyOf(after));
    // what someone has put back is no write of anyone's
    const isNew = write?.landedMs === undefined;
    if (write && isNew) {
      write.landedMs = this.#time.nowMs;
      write.before = before;
    }
    this.recordWrite = write;
    const own = isNew ? write : undefined;
    if (own?.kind === "claim" && before.state === "running" && before.owner !== "-") this.#stats.takeovers++;
    this.#trace.landed(own?.scheduler.process, this.versions, after, own && labelOf(own));
    for (const watcher of this.watchers) watcher.landed?.(own, after, before);
  }

  /** A record, read once. */
  viewOf(value: Uint8Array | null | undefined): RecordView {
    if (!value) return viewOf(value);
    let view = this.#views.get(value);
    if (!view) this.#views.set(value, view = viewOf(value));
    return view;
  }

  #writing(scheduler: SchedulerSeen, value: Uint8Array): WriteSeen {
    const view = this.viewOf(value);
    const key = keyOf(view);
    const known = this.#writes.get(key);
    if (known) return known;
    const write: WriteSeen = {
      number: this.#writes.size + 1,
      scheduler,
      kind: this.#kindOf(view),
      view,
      value,
      sentMs: this.#time.nowMs,
      sentMonotonicMs: scheduler.process.machine.clock.monotonicMs,
      anchorAgeMs: this.#time.nowMs - (scheduler.anchoredMs ?? scheduler.startedMs),
      behindMs: scheduler.behindMs,
      isTriggered: scheduler.triggeredMs === Infinity,
      landedMs: undefined,
      before: undefined,
      base: scheduler.known?.view,
      knownMs: undefined,
      run: undefined,
      isDoubted: false,
    };
    this.#writes.set(key, write);
    if (write.kind === "claim") {
      this.claims.set(view.owner, write);
      scheduler.lastClaim = write;
    }
    if (write.kind !== "heartbeat") this.#trace.note(scheduler.process, "sends", labelOf(write));
    for (const watcher of this.watchers) watcher.sent?.(write);
    return write;
  }

  #kindOf({ state, owner, term }: RecordView): WriteKind {
    if (owner === "-" && term > 0) return "release";
    if (state === "running") return this.claims.has(owner) ? "heartbeat" : "claim";
    if (owner !== "-") return "outcome";
    return state === "idle" && term === 0 ? "first" : "release";
  }

  #known(write: WriteSeen): void {
    const isNews = write.knownMs === undefined;
    write.knownMs ??= this.#time.nowMs;
    if (isNews) { for (const watcher of this.watchers) watcher.known?.(write); }
    const run = this.claims.get(write.view.owner)?.run;
    if (run && write.kind === "heartbeat") run.signMs = Math.max(run.signMs, write.sentMs);
  }
}

/** What tells one write from all others; those of the original have no id. */
function keyOf({ write, owner, state }: RecordView): string {
  return write ?? `${owner} ${state}`;
}

/** A write as the timeline names it. */
export function labelOf({ kind, view, number }: WriteSeen): string {
  return `${kind} w${number} of term ${view.term}`;
}

/**
 * One scheduler's part in a task: its settings, what it knows of the record between two reads, and whom it tells.
 *
 * @module
 */
import { instant } from "./clock.ts";
import { decide, type Decision, isOdd, longestLeaseMs } from "./decision.ts";
import { durationMs } from "./duration.ts";
import { refusal, refuse } from "./errors.ts";
import {
  GuardedEventTarget,
  NeatPeriodicTaskEvent,
  type NeatPeriodicTaskEventDetail,
  type NeatPeriodicTaskEventMap,
} from "./events.ts";
import { LOST_CLAIMS, MAX_CALL_MS } from "./limits.ts";
import { guard, type Level, say } from "./log.ts";
import type { Settings } from "./settings.ts";
import { type FoundRecord, NO_OWNER, parseStatus, serialiseStatus, type Status, TIMES } from "./status.ts";
import type { StatusEntry, StoreCallOptions } from "./store.ts";
import { limited, type ReadAnswer } from "./store_call.ts";
import { type Anchor, anchorOf, earliestNowMs, isSteady, latestNowMs } from "./store_time.ts";

/** What one scheduler knows, and whom it tells. */
export class Replica {
  readonly settings: Settings;
  #events: GuardedEventTarget | undefined;
  /** When this version of the record was first seen, by the monotonic clock. */
  #firstSeen: number | undefined;
  #firstSeenMs = 0;
  #retryDelayMs = 0;
  /** The owner of this replica's last claim; no record's until then. */
  #owner = "";
  /** The last read that told the store's time. */
  anchor: Anchor | undefined;
  /** The highest term that this replica has seen. */
  term = 0;
  /** How many claims in a row the store has refused although nobody had written the record. */
  lostClaims = 0;
  /** Whether the synchronous part of the task, or of `wrapRun`, is being called. */
  isCallingTask = false;
  /** The record as last seen or written; nothing until then. */
  record: FoundRecord;
  /** Its version, or `null` if there is none. */
  version: string | null = null;

  constructor(settings: Settings) {
    this.settings = settings;
  }

  /** Whether the record is known. */
  get isKnown(): boolean {
    return this.#firstSeen !== undefined;
  }

  /** The record, if this replica ran last by what it knows. */
  get owned(): Status | undefined {
    return this.record?.owner === this.#owner ? this.record as Status : undefined;
  }

  /** Whether the record can be claimed from memory: this replica ran last, and its clock can be relied upon. */
  get isFirst(): boolean {
    return this.owned !== undefined && isSteady(this.settings.clock, this.anchor);
  }

  /** The present in store time, never later than it really is. */
  get earliestNowMs(): number {
    return earliestNowMs(this.settings.clock, this.anchor);
  }

  /** The present in store time, never earlier than it really is. */
  get latestNowMs(): number {
    return latestNowMs(this.settings.clock, this.anchor);
  }

  /** Who listens; made at the first listener, as an EventTarget weighs more than all the rest of an idle scheduler. */
  get events(): GuardedEventTarget {
    return this.#events ??= new GuardedEventTarget((error) => this.say("warn", "a listener failed", error));
  }

  /** Tells the listeners, if there are any. */
  emit(type: keyof NeatPeriodicTaskEventMap, detail?: Partial<NeatPeriodicTaskEventDetail>): void {
    const { name, clock } = this.settings;
    // a task may have made of its run what no event can be made of
    guard(() =>
      this.#events?.dispatchEvent(new NeatPeriodicTaskEvent(type, { ...detail, name, time: new Date(clock.nowMs()) }))
    );
  }

  /** Logs something about the task. */
  say(level: Level, message: string, ...details: unknown[]): void {
    const { log, name } = this.settings;
    say(log, level, `neat-periodic-task "${name}": ${message}`, ...details);
  }

  /** Logs a line of the original, to the letter. */
  announce(what: "ALIVE" | "START" | "FINISHED" | "FAILED", after = "", ...details: unknown[]): void {
    const { log, name } = this.settings;
    say(log, what === "FAILED" ? "error" : "info", `### [${what}] neat-periodic-task: "${name}"${after}`, ...details);
  }

  /** Calls the task or `wrapRun`; what they call before they first wait is known to be called by them. */
  asTask(call: () => unknown): unknown {
    const wasCalling = this.isCallingTask;
    this.isCallingTask = true;
    try {
      return call();
    } finally {
      this.isCallingTask = wasCalling;
    }
  }

  /** Warns of a store that refuses claims without reason: at the third in a row, and then at each doubling. */
  countLostClaim(): void {
    const count = ++this.lostClaims;
    if (count < LOST_CLAIMS || !Number.isInteger(Math.log2(count / LOST_CLAIMS))) return;
    const message = `the store refused ${count} claims in a row, and no other replica has written the record`;
    this.say("warn", message);
    this.emit("storeerror", { error: new Error(message) });
  }

  /** What to say of a record that must be left alone. */
  notOurs(found: string): Error {
    return new Error(refusal("it is not ours", found, `use the record at "${this.settings.name}"`));
  }

  /** One warning for each failure of the store, but for calls that the scheduler has ended itself. */
  reportStoreError(error: unknown, cancel: AbortSignal): void {
    if (cancel.aborted) return;
    this.say("warn", "the store failed", error);
    this.emit("storeerror", { error });
  }

  /**
   * Reads the record; what was read has to be taken in with `observe`.
   *
   * @throws What the store threw, a `TimeoutError` at the limit, or the reason of `cancel`.
   */
  async read(cancel?: AbortSignal): Promise<ReadAnswer> {
    const { store, clock } = this.settings;
    const { record, version } = this;
    const sent = instant(clock);
    let entry: StatusEntry | null | undefined;
    if (store) entry = checkedEntry(await this.#limited((name, options) => store.read(name, options), cancel));
    // what this replica has taken in is all there is then: a copy of it would double what an idle task takes
    else if (version) entry = { value: serialiseStatus(record as Status), version };
    return { entry: entry ?? null, sent, received: instant(clock) };
  }

  /**
   * Writes the record if it is still at a version.
   *
   * @throws As `read`; it is not known then whether the record was written.
   */
  async write(
    status: Status,
    version: string | null,
    cancel?: AbortSignal,
    maxMs?: number,
  ): Promise<string | null> {
    const { store } = this.settings;
    if (store) {
      const value = serialiseStatus(status);
      return checkedVersion(
        await this.#limited((name, options) => store.write(name, value, version, options), cancel, maxMs),
      );
    }
    cancel?.throwIfAborted();
    // one version is enough, as nobody else can change what no store keeps
    return "1";
  }

  /** Takes in what was read. */
  observe(answer: ReadAnswer): void {
    const { entry, received } = answer;
    this.anchor = anchorOf(answer) ?? this.anchor;
    const version = entry?.version ?? null;
    if (this.isKnown && version === this.version) return;
    const record = parseStatus(entry?.value);
    this.#take(record, version, received.monotonicMs);
    if (!record || record.kind) return;
    const odd = TIMES.filter((field) => isOdd(record[`${field}Ms`], this.#firstSeenMs, this.settings));
    if (odd.length) this.say("warn", `odd times: ${odd}`);
    const longestMs = longestLeaseMs(this.settings);
    if ((record.leaseMs ?? 0) > longestMs) {
      this.say("warn", `the record's lease of ${record.leaseMs} ms is too long, it counts as ${longestMs} ms`);
    }
  }

  /** Takes in what this replica has written. */
  wrote(status: Status, version: string | null): void {
    if (status.owner !== NO_OWNER) this.#owner = status.owner;
    this.#take(status, version, this.settings.clock.monotonicMs());
  }

  /** Forgets the record, so that it is read before anything is done; but what no store keeps is known for sure. */
  forget(): void {
    if (!this.settings.store) return;
    this.#firstSeen = undefined;
    this.record = undefined;
    this.version = null;
  }

  /** Decides by what is known now. */
  decide(triggered: boolean): Decision {
    const { clock } = this.settings;
    return decide({
      record: this.record,
      term: this.term,
      nowMs: this.earliestNowMs,
      storeClock: this.anchor !== undefined,
      firstSeenMs: this.#firstSeenMs,
      seenForMs: clock.monotonicMs() - (this.#firstSeen ?? 0),
      first: this.isFirst,
      retryDelayMs: this.#retryDelayMs,
      triggered,
      jitter: clock.random(),
    }, this.settings);
  }

  /** No call may take longer than a lease. */
  #limited<T>(
    call: (name: string, options: StoreCallOptions) => Promise<T>,
    cancel: AbortSignal | undefined,
    maxMs: number = MAX_CALL_MS,
  ): Promise<T> {
    const { name, clock, leaseMs } = this.settings;
    return limited(clock, Math.min(maxMs, leaseMs), cancel, (options) => call(name, options));
  }

  #take(record: FoundRecord, version: string | null, seen: number): void {
    this.record = record;
    this.version = version;
    this.#firstSeen = seen;
    this.#firstSeenMs = this.earliestNowMs;
    if (!record || record.kind) return;
    const { state, term, failures } = record;
    this.term = Math.max(this.term, term);
    if (state === "failed") this.#retryDelayMs = retryDelayMs(this, failures);
  }
}

const FROM_STORE = "use the answer of the store";

/** What `read()` answered, or an error that says what it should have. */
function checkedEntry(entry: StatusEntry | null | undefined): StatusEntry | null {
  if (entry === null || entry === undefined) return null;
  const { value, version } = Object(entry) as Partial<StatusEntry>;
  if (!(value instanceof Uint8Array)) {
    refuse(TypeError, "read() must answer null or an entry with a Uint8Array as its value", value, FROM_STORE);
  }
  if (typeof version !== "string" || !version) {
    refuse(TypeError, "read() must answer with a version that is a string", version, FROM_STORE);
  }
  return entry;
}

/** What `write()` answered, or an error that says what it should have. */
function checkedVersion(version: unknown): string | null {
  if (version === null || (typeof version === "string" && version)) return version;
  return refuse(TypeError, "write() must answer null or a version that is a string", version, FROM_STORE);
}

/** How long after its start a failed run is repeated: as long as the timeout if a function of the user's fails. */
function retryDelayMs(replica: Replica, failures: number): number {
  const { retryDelay, timeoutMs } = replica.settings;
  try {
    const delay = typeof retryDelay === "function" ? retryDelay(failures) : retryDelay ?? timeoutMs;
    // an async function is refused like any other value, but its rejection must not escape
    guard(() => delay);
    return durationMs(delay, "retryDelay", "repeat the run");
  } catch (error) {
    replica.say("warn", "retryDelay failed", error);
    return timeoutMs;
  }
}

/**
 * One simulated world, from its beginning to its end.
 *
 * @module
 */
import type { StatusStore } from "../../store.ts";
import { Bodies } from "./bodies.ts";
import { Chance } from "./chance.ts";
import { allChecks } from "./checks/all.ts";
import { History } from "./history.ts";
import type { SimulatedHost } from "./host.ts";
import type { StopManner } from "./incident_plan.ts";
import { Life } from "./life.ts";
import type { Machine } from "./machine.ts";
import { meddle } from "./meddler.ts";
import { Network } from "./network.ts";
import type { WorldPlan } from "./plan.ts";
import type { Process } from "./process.ts";
import { type PromiseName, PROMISES } from "./promises.ts";
import { RecordStore } from "./record_store.ts";
import { catchRejections } from "./rejections.ts";
import type { Scene } from "./scene.ts";
import type { RunSeen, Watcher } from "./seen.ts";
import { FencedSink } from "./sink.ts";
import type { AnyRun } from "./starting.ts";
import { Stats } from "./stats.ts";
import { StoreClock } from "./store_clock.ts";
import { Trace } from "./trace.ts";
import type { Violation } from "./violation.ts";
import { VirtualTime } from "./virtual_time.ts";

/** What a caller brings along; what is absent the world has of its own. */
export interface Guests {
  readonly stores: ((host: SimulatedHost) => StatusStore) | undefined;
  readonly record: (() => Uint8Array | null | undefined) | undefined;
  readonly tasks: ((run: AnyRun, host: SimulatedHost) => unknown) | undefined;
  readonly check: (() => string | undefined) | undefined;
}

type Told = Exclude<
  keyof Watcher,
  "read" | "landed" | "called" | "answered" | "settled" | "over" | "sent" | "confirmed" | "known"
>;
type Telling<Name extends Told> = Parameters<NonNullable<Watcher[Name]>>;

const LAST_MANNERS: readonly StopManner[] = ["wait", "wait", "abort", "timeout", "abort with timeout", "two stages"];

/** A world. */
export class World implements Scene {
  readonly plan: WorldPlan;
  readonly time: VirtualTime = new VirtualTime();
  readonly stats: Stats = new Stats();
  readonly trace: Trace;
  readonly history: History;
  readonly network: Network;
  readonly storeClock: StoreClock;
  readonly sharesVersions: boolean;
  readonly violations: Violation[] = [];
  /** Whether it is about to end: nothing more begins. */
  isEnding = false;
  readonly #store: RecordStore | undefined;
  readonly #guests: Guests;
  readonly #lives: readonly Life[];
  readonly #bodies: ReadonlyMap<Machine, Bodies>;

  constructor(plan: WorldPlan, guests: Guests) {
    const { time } = this;
    const { clock, sharesVersions } = plan.store;
    this.plan = plan;
    this.#guests = guests;
    this.trace = new Trace(time);
    const isOwn = !guests.stores;
    this.storeClock = new StoreClock(time, plan.store.offsetMs, isOwn ? clock ? "known" : "none" : undefined);
    this.network = new Network(time, plan.network, this.stats);
    const tell = clock && ((): number => storeTime(this.storeClock.nowMs, clock.coarse));
    const store = isOwn ? new RecordStore({ clock: tell, sharesVersions }) : undefined;
    this.#store = store;
    this.sharesVersions = isOwn && sharesVersions;
    const { record } = guests;
    const source = store ? () => store.value : record && ((): Uint8Array | null => record() ?? null);
    this.history = new History(time, this.stats, this.trace, source);
    this.#lives = plan.replicas.map((replica) => new Life(this, replica));
    const sink = new FencedSink(this);
    this.#bodies = new Map(
      this.#lives.map(({ machine }) => [machine, new Bodies(plan.seed, machine, sink, this.stats, plan.faults)]),
    );
    this.history.watchers.push(...allChecks(this), sink, ...this.#lives);
    this.#planOutages();
    if (this.#store) meddle(this, this.#store);
  }

  /** Lets it run to its end, or to the first violation. */
  async run(): Promise<void> {
    const release = catchRejections((reason) => this.broken("no-rejection", String(reason)));
    const settled = (): boolean => this.#settled();
    try {
      await this.time.runUntil(this.plan.spanMs, settled);
      if (this.violations.length) return;
      this.#end();
      await this.time.runUntil(this.plan.spanMs + this.#graceMs, settled);
      if (this.violations.length) return;
      for (const watcher of this.history.watchers) watcher.over?.();
      this.checked("no-rejection");
    } finally {
      release();
      this.stats.steps = this.time.steps;
      this.stats.runs = this.history.runs.length;
    }
  }

  /** Tells all who look. */
  tell<Name extends Told>(name: Name, ...what: Telling<Name>): void {
    for (const watcher of this.history.watchers) {
      (watcher[name] as ((...args: Telling<Name>) => void) | undefined)?.(...what);
    }
    if (name === "began") this.#note(what[0] as RunSeen, "begins");
    if (name === "aborted") this.#note(what[0] as RunSeen, "aborted");
    if (name === "ended") this.#note(what[0] as RunSeen, "ends");
    if (name === "logged") {
      const [scheduler, , message] = what as unknown as Telling<"logged">;
      this.trace.note(scheduler.process, "log", message.replace(/ ?neat-periodic-task:? "simulated"/, ""));
    }
  }

  /** A store's client in a process. */
  newClient(process: Process): StatusStore {
    return this.#guests.stores?.(process) ?? this.#store!.client(process);
  }

  /** What a run does. */
  async body(process: Process, run: AnyRun, timeoutMs: number): Promise<void> {
    if (this.#guests.tasks) await this.#guests.tasks(run, process);
    else await this.#bodies.get(process.machine)!.run(process, run, timeoutMs);
  }

  /** Calls of a machine, or of all, get through again. */
  storeIsBack(machine?: Machine): void {
    for (const scheduler of this.history.schedulers) {
      if (!machine || scheduler.process.machine === machine) scheduler.undisturbedMs = this.time.nowMs;
    }
    this.tell("storeIsBack", machine);
  }

  /** The letters of the machines. */
  get machineNames(): string[] {
    return this.#lives.map(({ machine }) => machine.name);
  }

  get isTimeUnknown(): boolean {
    return this.storeClock.use === "unknown";
  }

  isCut(machine: Machine): boolean {
    return (this.network.outage ?? machine.cut) !== undefined;
  }

  checked(promise: PromiseName): void {
    this.stats.check(promise);
  }

  broken(promise: PromiseName, text: string): void {
    const { steps: step, nowMs: atMs } = this.time;
    this.trace.note(undefined, "BROKEN", `${PROMISES[promise]} ${text}`);
    this.violations.push({ promise, text, step, atMs });
  }

  get #graceMs(): number {
    const { lengths, laterLengths } = this.plan;
    return 2 * Math.max(lengths.timeoutMs + 4 * lengths.leaseMs, laterLengths.timeoutMs + 4 * laterLengths.leaseMs) +
      90_000;
  }

  #settled(): boolean {
    const { check } = this.#guests;
    const { history } = this;
    history.refresh();
    for (const watcher of history.watchers) watcher.settled?.();
    const text = check?.();
    if (text !== undefined) this.broken("own-check", text);
    return !this.violations.length;
  }

  /** All is well again, and all replicas are stopped. */
  #end(): void {
    this.isEnding = true;
    this.network.outage = undefined;
    for (const life of this.#lives) {
      life.machine.cut = undefined;
      const manner = new Chance(this.plan.seed, "end", life.machine.index).pick(LAST_MANNERS);
      void life.end(manner);
    }
  }

  #planOutages(): void {
    for (const { fromMs, toMs, mode } of this.plan.outages) {
      this.time.at(fromMs, () => {
        this.network.outage = mode;
        this.stats.fault("outage");
        this.trace.note(undefined, "outage", `all calls ${mode}`);
      });
      this.time.at(toMs, () => {
        this.network.outage = undefined;
        this.trace.note(undefined, "outage ends");
        this.storeIsBack();
      });
    }
  }

  #note({ scheduler, number, run, abortedBy, threw }: RunSeen, what: string): void {
    const how = what === "aborted" ? ` by ${abortedBy}` : what === "ends" && threw ? " with an error" : "";
    this.trace.note(scheduler.process, `run ${what}`, `run ${number} of term ${run.term}${how}`);
  }
}

function storeTime(ms: number, isCoarse: boolean): number {
  return isCoarse ? Math.floor(ms / 1_000) * 1_000 : Math.floor(ms);
}

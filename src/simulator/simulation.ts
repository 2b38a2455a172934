/**
 * One simulation, from its start to its end.
 *
 * @module
 */
import type { Run } from "../options.ts";
import type { StatusStore } from "../store/store.ts";
import { allChecks } from "./checks/all.ts";
import { Environment } from "./environment.ts";
import { FencedSink } from "./fenced_sink.ts";
import type { Machine } from "./machine.ts";
import type { ObservedRun, ObservedScheduler, Observer } from "./observations.ts";
import { Operator } from "./operator.ts";
import type { UserCode } from "./options.ts";
import type { SimulationPlan, StorePlan } from "./plan.ts";
import type { Process } from "./process.ts";
import { RandomStream } from "./random_stream.ts";
import { RandomTasks } from "./random_tasks.ts";
import { scheduleTampering } from "./record_tampering.ts";
import { SimulatedStore } from "./simulated_store.ts";
import { Replica } from "./replica.ts";
import type { StopMode } from "./replica_faults.ts";
import type { ReplicaCode } from "./start_scheduler.ts";
import type { Trace } from "./trace.ts";
import { onUnhandledRejection } from "./unhandled_rejections.ts";
import { Watches } from "./watches.ts";

/** One simulation. */
export class Simulation implements ReplicaCode {
  readonly environment: Environment;
  readonly #code: UserCode;
  readonly #watches: Watches;
  readonly #store: SimulatedStore | undefined;
  readonly #replicas: readonly Replica[];
  readonly #tasks: ReadonlyMap<Machine, RandomTasks>;

  constructor(plan: SimulationPlan, code: UserCode) {
    const { seed, store: { storeTime, sharesVersions }, faults } = plan;
    const store = code.stores ? undefined : new SimulatedStore({
      clock: this.#storeTimeSource(plan.store),
      sharesVersions,
      ...plan.store.canWatch && {
        watch: (host, signal) => this.#watches.start(host as Process, signal),
        onChange: () => this.#watches.changed(),
      },
    });
    const environment = new Environment(plan, {
      source: store ? () => store.value : recordSource(code.record),
      clockUse: store && (storeTime === "none" ? "none" : "known"),
      sharesVersions: store !== undefined && sharesVersions,
    });
    this.environment = environment;
    this.#watches = new Watches(environment);
    this.#code = code;
    this.#store = store;
    this.#replicas = plan.replicas.map((replica) => new Replica(environment, replica, this));
    const sink = new FencedSink(environment);
    this.#tasks = new Map(
      this.#replicas.map(({ machine }) => [machine, new RandomTasks(seed, machine, sink, environment.stats, faults)]),
    );
    const observers = [...allChecks(environment), sink, ...this.#replicas, new TraceWriter(environment.trace)];
    environment.history.observers.push(...observers);
    this.#scheduleOutages();
    if (!store) return;
    scheduleTampering(environment, store);
    environment.history.observers.push(new Operator(environment, (process) => store.client(process)));
  }

  /** The names of the machines, in the order of the plan. */
  get machineNames(): string[] {
    return this.#replicas.map(({ machine }) => machine.name);
  }

  /** Runs it to its end, or to the first step in which a promise is broken. */
  async run(): Promise<void> {
    const { environment } = this;
    const { clock, plan, violations, history, stats } = environment;
    const release = onUnhandledRejection((reason) => environment.broken("no-rejection", String(reason)));
    const goesOn = (): boolean => this.#checkStep();
    try {
      await clock.runUntil(plan.spanMs, goesOn);
      if (violations.length) return;
      this.#stopAll();
      await clock.runUntil(plan.spanMs + stopLimitMs(plan), goesOn);
      if (violations.length) return;
      history.notify("finished");
      environment.checked("no-rejection");
    } finally {
      release();
      stats.steps = clock.steps;
      stats.runs = history.runs.length;
    }
  }

  /** Makes the store's client in a process. */
  newStore(process: Process): StatusStore {
    const { stores } = this.#code;
    if (stores) return stores(process);
    if (!this.#store) throw new Error("Cannot make a client of the store: current value of the store is undefined");
    return this.#store.client(process);
  }

  /** Runs the task once. */
  async runTask(process: Process, run: ObservedRun["run"], timeoutMs: number): Promise<void> {
    const { tasks } = this.#code;
    // the run of a scheduler has all fields, and that of a replica of the original some
    if (tasks) await tasks(run as Run, process);
    else await this.#tasks.get(process.machine)?.run(process, run, timeoutMs);
  }

  /** Checks what the last event has led to. Returns whether no promise was broken. */
  #checkStep(): boolean {
    const { history, violations } = this.environment;
    history.refresh();
    history.notify("stepDone");
    const text = this.#code.check?.();
    if (text !== undefined) this.environment.broken("own-check", text);
    return !violations.length;
  }

  /** Ends all faults and stops all schedulers. */
  #stopAll(): void {
    const { environment } = this;
    environment.isEnding = true;
    environment.network.outage = undefined;
    for (const replica of this.#replicas) {
      replica.machine.partition = undefined;
      const random = new RandomStream(environment.plan.seed, "lastStop", replica.machine.index);
      const mode: StopMode = random.pick(["wait", "wait", "abort", "timeout", "abort with timeout", "two stages"]);
      void replica.stop(mode);
    }
  }

  #scheduleOutages(): void {
    const { environment } = this;
    const { clock, network, stats, trace, plan } = environment;
    for (const { fromMs, toMs, mode } of plan.outages) {
      clock.at(fromMs, () => {
        network.outage = mode;
        stats.countFault("outage");
        trace.add(undefined, "outage", `all calls ${mode}`);
      });
      clock.at(toMs, () => {
        network.outage = undefined;
        trace.add(undefined, "outage ends");
        environment.endOutage();
      });
    }
  }

  /** Returns what the reads of the simulation's own store have as `storeTime`. */
  #storeTimeSource({ storeTime }: StorePlan): (() => number) | undefined {
    if (storeTime === "none") return undefined;
    const unitMs = storeTime === "seconds" ? 1_000 : 1;
    return () => Math.floor(this.environment.storeClock.nowMs / unitMs) * unitMs;
  }
}

/** Adds runs and log lines to the trace, after all checks of them. */
class TraceWriter implements Observer {
  readonly #trace: Trace;

  constructor(trace: Trace) {
    this.#trace = trace;
  }

  runStarted(run: ObservedRun): void {
    this.#add("run starts", run, "");
  }

  runAborted(run: ObservedRun): void {
    this.#add("run aborted", run, ` by ${run.abortedBy}`);
  }

  runEnded(run: ObservedRun): void {
    this.#add("run ends", run, run.threw ? " with an error" : "");
  }

  logged({ process }: ObservedScheduler, _level: string, message: string): void {
    this.#trace.add(process, "log", message.replace(/ ?neat-periodic-task:? "simulated"(: )?/, ""));
  }

  #add(what: string, { scheduler, number, run }: ObservedRun, suffix: string): void {
    this.#trace.add(scheduler.process, what, `run ${number} of term ${run.term}${suffix}`);
  }
}

/** How long all stops take at most. */
function stopLimitMs({ settings, settingsAfterDeploy }: SimulationPlan): number {
  const ofOne = ({ timeoutMs, leaseMs }: SimulationPlan["settings"]): number => timeoutMs + 4 * leaseMs;
  return 2 * Math.max(ofOne(settings), ofOne(settingsAfterDeploy)) + 90_000;
}

function recordSource(record: UserCode["record"]): (() => Uint8Array | null) | undefined {
  return record && (() => record() ?? null);
}

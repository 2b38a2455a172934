/** Uses every name that the test kit exports, and has lines that must not compile. */
import { MemoryStore } from "@neat/periodic-task";
import {
  checkStore,
  type CheckStoreOptions,
  type Clock,
  type Duration,
  type DurationLike,
  type Fault,
  FAULT_NAMES,
  type FaultKind,
  type FaultName,
  type FaultPlanOptions,
  type FaultRates,
  FaultyStore,
  type FaultyStoreOptions,
  InjectedFaultError,
  type PromiseName,
  PROMISES,
  type Run,
  seededRandom,
  shrinkSimulation,
  type Shrunk,
  simulate,
  type SimulatedHost,
  type SimulateOptions,
  type SimulationResult,
  type SimulationStats,
  type StatusEntry,
  type StatusStore,
  type StoreCall,
  type StoreCallOptions,
  type StoreCheck,
  StoreCheckError,
  storeChecks,
  type StoreChecksOptions,
  type Violation,
  type WorldKind,
} from "@neat/periodic-task/testing";

/** The `test()` function of a test runner. */
type Test = (name: string, options: { skip: boolean }, run: () => Promise<void>) => unknown;

/** Defines a test for each check. */
export function tests(test: Test, open: () => StatusStore): void {
  const units: DurationLike = { seconds: 10 };
  const raceTime: Duration = units;
  const options: Required<StoreChecksOptions> = {
    open,
    close: () => {},
    openHung: (limitMs) => new Hung(limitMs),
    openFailing: () => Promise.resolve(new Hung(0)),
    keyPrefix: "check-",
    maxKeyBytes: 1_000,
    raceRounds: 10,
    raceTime,
    callLimit: 1_000,
    equalBodiesMayShareVersions: false,
    report: (line) => line.length,
  };
  const checks: StoreCheck[] = storeChecks(options);
  for (const { name, run, skipped } of checks) test(name, { skip: skipped !== undefined }, run);
}

class Hung implements StatusStore {
  readonly #limitMs: number;

  constructor(limitMs: number) {
    this.#limitMs = limitMs;
  }

  async read(key: string, options?: StoreCallOptions): Promise<StatusEntry | null> {
    await new Promise((resolve) => setTimeout(resolve, this.#limitMs));
    options?.signal?.throwIfAborted();
    throw new Error(key);
  }

  async write(key: string): Promise<string | null> {
    return (await this.read(key))?.version ?? null;
  }
}

/** Checks a store at the start of a program. */
export async function guard(signal: AbortSignal): Promise<string> {
  const options: CheckStoreOptions = { key: "check", signal };
  try {
    await checkStore(new MemoryStore(), options);
    return "sound";
  } catch (error) {
    return error instanceof StoreCheckError ? `${error.name}: ${error.message}` : "unknown";
  }
}

/** Creates a store that fails. */
export async function faults(clock: Clock): Promise<unknown[]> {
  const rates: FaultRates = { failBefore: 0.1, landLate: undefined, ignoresSignal: 0.5 };
  const script = (call: StoreCall): Fault | undefined =>
    call.kind === "write" && call.count === 2 ? { kind: "answerLate", delay: { seconds: 1 } } : undefined;
  const plan: FaultPlanOptions = { seed: 1, rates, maxDelay: 1_000, script };
  const options: FaultyStoreOptions = { ...plan, clock };
  const store: StatusStore & FaultyStore = new FaultyStore(new MemoryStore(), options);
  store.breakDown();
  store.breakDown({ kind: "landLate", hangs: true, takesEffect: false, ignoresSignal: true, error: new Error("own") });
  store.heal();
  store.resume();
  const kinds: FaultKind[] = ["failBefore", "failAfter", "delay", "answerLate", "neverAnswer", "landLate"];
  const counted: number[] = kinds.map((kind) => store.faults[kind]);
  const { read, write } = store.calls;
  const left: number = store.landing;
  const random: () => number = seededRandom(42);
  const error: unknown = await store.read("key").catch((reason: unknown) => reason);
  const kind: FaultKind | undefined = error instanceof InjectedFaultError ? error.kind : undefined;
  return [counted, read, write, left, random(), kind];
}

/** Runs simulations. */
export async function worlds(): Promise<unknown[]> {
  const names: FaultName[] = [...FAULT_NAMES];
  const promises: PromiseName[] = ["no-overlap"];
  const kind: WorldKind = "chaos";
  const options: SimulateOptions = {
    seed: 7,
    replicas: [0, 2],
    intervals: 5,
    kind,
    interval: { minutes: 1 },
    timeout: 10_000,
    heartbeatTimeout: 5_000,
    faults: Object.fromEntries(names.map((name) => [name, true])),
    stores: (host: SimulatedHost) => new Far(host),
    record: () => null,
    tasks: async (run: Run, host) => await host.sleep(host.random() * 1_000, run.signal),
    check: () => undefined,
  };
  const result: SimulationResult = await simulate(options);
  const stats: SimulationStats = result.stats;
  const violations: readonly Violation[] = result.violations;
  const [first] = violations;
  const text: string = first ? `${PROMISES[first.promise]} ${first.text} ${first.step} ${first.atMs}` : "none";
  const shrunk: Shrunk | undefined = first && await shrinkSimulation(options);
  return [promises, result.timeline(), stats.runs, stats.faults["any"]?.toFixed(), text, shrunk?.options.seed];
}

class Far extends MemoryStore {
  readonly #host: SimulatedHost;

  constructor(host: SimulatedHost) {
    super();
    this.#host = host;
  }

  override read(key: string, options?: StoreCallOptions): Promise<StatusEntry | null> {
    return this.#host.call(() => super.read(key), options?.signal);
  }
}

/** Lines that must not compile. */
export function refused(store: FaultyStore): unknown[] {
  return [
    // @ts-expect-error: open() is required
    () => storeChecks({}),
    // @ts-expect-error: write() is required
    () => storeChecks({ open: () => ({ read: () => Promise.resolve(null) }) }),
    // @ts-expect-error: the fault does not exist
    () => store.breakDown({ kind: "explode" }),
    // @ts-expect-error: the rate does not exist
    () => new FaultyStore(store, { rates: { explode: 1 } }),
    // @ts-expect-error: counters are read-only
    () => store.calls.read = 0,
    // @ts-expect-error: seed is required
    () => simulate({}),
    // @ts-expect-error: the kind does not exist
    () => simulate({ seed: 1, kind: "perfect" }),
    // @ts-expect-error: the promise does not exist
    () => PROMISES["no-fun"],
    // @ts-expect-error: a seed is a number
    () => seededRandom("seed"),
    // @ts-expect-error: simulate() returns a promise
    () => simulate({ seed: 1 }).violations,
  ];
}

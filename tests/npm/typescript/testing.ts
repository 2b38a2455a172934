/** What a project in TypeScript does with the test kit: each name that is exported, and lines that must not compile. */
import { MemoryStore } from "@neat/periodic-task";
import {
  checkStore,
  type CheckStoreOptions,
  type Clock,
  type Duration,
  type DurationLike,
  type Fault,
  type FaultKind,
  type FaultPlanOptions,
  type FaultRates,
  FaultyStore,
  type FaultyStoreOptions,
  type HintFault,
  type HintFaultKind,
  type HintFaultRates,
  InjectedFaultError,
  seededRandom,
  type StatusEntry,
  type StatusStore,
  type StoreCall,
  type StoreCallOptions,
  type StoreCheck,
  StoreCheckError,
  storeChecks,
  type StoreChecksOptions,
  type StoreHint,
} from "@neat/periodic-task/testing";

/** What any test runner has. */
type Test = (name: string, options: { skip: boolean }, run: () => Promise<void>) => unknown;

/** Every check as a test. */
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

/** A guard at the start of a program. */
export async function guard(signal: AbortSignal): Promise<string> {
  const options: CheckStoreOptions = { key: "check", list: true, watch: true, signal };
  try {
    await checkStore(new MemoryStore(), options);
    return "sound";
  } catch (error) {
    return error instanceof StoreCheckError ? `${error.name}: ${error.message}` : "unknown";
  }
}

/** A store that fails. */
export async function faults(clock: Clock): Promise<unknown[]> {
  const rates: FaultRates = { failBefore: 0.1, landLate: undefined, ignoresSignal: 0.5 };
  const script = (call: StoreCall): Fault | undefined =>
    call.kind === "write" && call.count === 2 ? { kind: "answerLate", delay: { seconds: 1 } } : undefined;
  const hintRates: HintFaultRates = { lose: 0.1, double: undefined };
  const hintScript = (hint: StoreHint): HintFault | undefined =>
    hint.count === 2 && hint.key !== "" ? { kind: "delay", delay: 1_000 } : undefined;
  const plan: FaultPlanOptions = { seed: 1, rates, hintRates, maxDelay: 1_000, script, hintScript };
  const options: FaultyStoreOptions = { ...plan, clock };
  const store: StatusStore & FaultyStore = new FaultyStore(new MemoryStore(), options);
  store.breakDown();
  store.breakDown({ kind: "landLate", hangs: true, takesEffect: false, ignoresSignal: true, error: new Error("own") });
  store.heal();
  store.resume();
  const kinds: FaultKind[] = ["failBefore", "failAfter", "delay", "answerLate", "neverAnswer", "landLate"];
  const counted: number[] = kinds.map((kind) => store.faults[kind]);
  const hintKinds: HintFaultKind[] = ["lose", "delay", "double", "end", "fail"];
  const hints: number[] = [store.hints, ...hintKinds.map((kind) => store.hintFaults[kind])];
  const { read, write, list } = store.calls;
  const left: number = store.landing;
  const random: () => number = seededRandom(42);
  const error: unknown = await store.read("key").catch((reason: unknown) => reason);
  const kind: FaultKind | HintFaultKind | undefined = error instanceof InjectedFaultError ? error.kind : undefined;
  return [counted, read, write, list, hints, left, random(), kind];
}

/** None of this may compile. */
export function refused(store: FaultyStore): unknown[] {
  return [
    // @ts-expect-error: there is no way to open the store
    () => storeChecks({}),
    // @ts-expect-error: a store must write, too
    () => storeChecks({ open: () => ({ read: () => Promise.resolve(null) }) }),
    // @ts-expect-error: there is no such fault
    () => store.breakDown({ kind: "explode" }),
    // @ts-expect-error: nor such a rate
    () => new FaultyStore(store, { rates: { explode: 1 } }),
    // @ts-expect-error: what is counted can't be changed
    () => store.calls.read = 0,
    // @ts-expect-error: a seed is a number
    () => seededRandom("seed"),
  ];
}

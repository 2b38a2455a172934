/**
 * The network between replicas and servers, with its faults.
 *
 * @module
 */
import type { RandomStream } from "./random_stream.ts";
import type { Stats } from "./stats.ts";
import type { VirtualClock } from "./virtual_clock.ts";

/** How calls fail during an outage: they are refused immediately, dropped without an effect, or take effect without an answer. */
export type OutageMode = "refuse" | "swallow" | "mute";

/** The faults of single calls. Their order must stay: the simulation of a seed depends on it. */
export const CALL_FAULTS = [
  "failBefore",
  "failAfter",
  "loseRequest",
  "loseReply",
  "delay",
  "landLate",
  "duplicate",
] as const;

/** A fault of a single call. */
export type CallFault = typeof CALL_FAULTS[number];

/** What a network is like. */
export interface NetworkTraits {
  /** How long a call takes on average to its server, and its answer back. */
  readonly latencyMs: number;
  /** The share of calls that have a fault. */
  readonly faultRate: number;
  /** The longest delay of calls that are delayed or land late. */
  readonly maxDelayMs: number;
  /** The faults that are turned on. */
  readonly faults: ReadonlySet<string>;
}

/** The process that makes a call. */
export interface NetworkClient {
  readonly machine: {
    readonly networkRandom: RandomStream;
    readonly traits: { readonly obeysSignals: boolean };
    readonly partition: OutageMode | undefined;
  };
  /** Calls back when the process runs: now, later, or never. */
  deliver(callback: () => void): void;
}

/** The error of a call that fails in the simulated network. */
export class NetworkError extends Error {
  /** Always `NetworkError`. */
  override readonly name: string = "NetworkError";
}

/** How one call goes, drawn before it is made. */
interface CallPlan {
  readonly requestMs: number;
  readonly replyMs: number;
  readonly fault: CallFault | undefined;
  /** How late a call is that is delayed or lands late. */
  readonly delayMs: number;
  /** Decides which way a fault takes that has two; otherwise whether a call is dropped whose caller stops waiting for it. */
  readonly isVariant: boolean;
}

/** The network. */
export class Network {
  /** How all calls fail, during an outage. */
  outage: OutageMode | undefined;
  readonly #clock: VirtualClock;
  readonly #traits: NetworkTraits;
  readonly #stats: Stats;

  constructor(clock: VirtualClock, traits: NetworkTraits, stats: Stats) {
    this.#clock = clock;
    this.#traits = traits;
    this.#stats = stats;
  }

  /** Calls a server for a process; see `SimulatedHost.call`. */
  call<T>(client: NetworkClient, effect: () => T | Promise<T>, signal?: AbortSignal): Promise<T> {
    const { traits: { obeysSignals } } = client.machine;
    const { requestMs, replyMs, fault, delayMs, isVariant } = this.#plan(client.machine.networkRandom);
    if (fault) this.#stats.countFault(fault);
    return new Promise<T>((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      let isSettled = false;
      const settle = (how: () => void): void => {
        isSettled = true;
        signal?.removeEventListener("abort", abort);
        how();
      };
      const abort = (): void => {
        if (obeysSignals) settle(() => reject(signal!.reason));
      };
      signal?.addEventListener("abort", abort);
      const answer = (how: () => void, afterMs = replyMs): void =>
        void this.#clock.after(afterMs, () => client.deliver(() => isSettled || settle(how)));
      const fail = (afterMs?: number): void => answer(() => reject(new NetworkError("The call failed")), afterMs);
      const arrive = (): void => {
        if (isSettled && isVariant && fault !== "landLate") return;
        const outage = fault === "landLate" ? undefined : this.outage ?? client.machine.partition;
        if (outage) this.#stats.countFault("call in outage");
        if (outage === "refuse") return fail();
        if (outage === "swallow") return;
        this.#apply(effect, (settled) => {
          if (outage === "mute" || fault === "loseReply" || fault === "landLate") return;
          if (fault === "failAfter") return fail();
          answer(() => settled.then(resolve, reject), fault === "delay" && !isVariant ? delayMs : replyMs);
        }, fault === "duplicate" ? 2 : 1);
      };
      if (fault === "failBefore") return fail(requestMs + replyMs);
      if (fault === "loseRequest") return;
      if (fault === "landLate" && isVariant) fail(requestMs + replyMs);
      const isLate = fault === "landLate" || (fault === "delay" && isVariant);
      this.#clock.after(isLate ? delayMs : requestMs, arrive);
    });
  }

  /** Draws how a call goes: always as many numbers, so that a fault that is turned off changes nothing else. */
  #plan(random: RandomStream): CallPlan {
    const { latencyMs, faultRate, maxDelayMs, faults } = this.#traits;
    const requestMs = latencyMs * (0.5 + random.next());
    const replyMs = latencyMs * (0.5 + random.next());
    const isFaulty = random.chance(faultRate);
    const kind = random.pick(CALL_FAULTS);
    const delayMs = random.magnitude(Math.min(latencyMs * 4, maxDelayMs / 2), maxDelayMs);
    const isVariant = random.chance(0.3);
    return { requestMs, replyMs, fault: isFaulty && faults.has(kind) ? kind : undefined, delayMs, isVariant };
  }

  /** Applies a call at its server, once or twice; the last answer counts. */
  #apply<T>(effect: () => T | Promise<T>, answer: (settled: Promise<T>) => void, times: number): void {
    let settled: Promise<T>;
    try {
      settled = Promise.resolve(effect());
    } catch (error) {
      settled = Promise.reject(error);
    }
    // the answer may be read late or never
    settled.catch(() => {});
    const next = (): void => times > 1 ? this.#apply(effect, answer, times - 1) : answer(settled);
    // a server is done when its promise settles, which takes no time
    settled.then(next, next);
  }
}

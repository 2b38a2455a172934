/**
 * The network between the replicas and the servers that they share, with its faults.
 *
 * @module
 */
import type { Process } from "./process.ts";
import type { Stats } from "./stats.ts";
import type { VirtualTime } from "./virtual_time.ts";

/**
 * How calls fail while a server is out or a replica is cut off: they are refused at once, vanish without an answer, or take
 * effect without an answer.
 */
export type OutageMode = "refuse" | "swallow" | "mute";

/** How a call goes wrong. A seed's faults hang on their order. */
export const CALL_FAULTS = [
  "failBefore",
  "failAfter",
  "loseRequest",
  "loseReply",
  "slow",
  "landLate",
  "arriveTwice",
] as const;

/** How a call goes wrong. */
export type CallFault = typeof CALL_FAULTS[number];

/** How good the network is. */
export interface NetworkTraits {
  /** What a call mostly takes there, and as much back. */
  readonly latencyMs: number;
  /** How many of the calls go wrong. */
  readonly faultRate: number;
  /** How late what is slow or lands late comes at the most. */
  readonly maxDelayMs: number;
  /** The faults that there are. */
  readonly faults: ReadonlySet<string>;
}

/** What a simulated network rejects with. */
export class NetworkError extends Error {
  /** Always `NetworkError`. */
  override readonly name: string = "NetworkError";
}

/** The network. */
export class Network {
  /** How all calls fail, during an outage. */
  outage: OutageMode | undefined;
  readonly #time: VirtualTime;
  readonly #traits: NetworkTraits;
  readonly #stats: Stats;

  constructor(time: VirtualTime, traits: NetworkTraits, stats: Stats) {
    this.#time = time;
    this.#traits = traits;
    this.#stats = stats;
  }

  /** One call of a process to a server. */
  call<T>(process: Process, effect: () => T | Promise<T>, signal?: AbortSignal): Promise<T> {
    const { netChance: chance, traits: { heedsSignals } } = process.machine;
    const { latencyMs, faultRate, maxDelayMs, faults } = this.#traits;
    // always as many numbers, so that a fault that is left out changes nothing else
    const thereMs = latencyMs * (0.5 + chance.next());
    const backMs = latencyMs * (0.5 + chance.next());
    const isFaulty = chance.whether(faultRate);
    const kind = chance.pick(CALL_FAULTS);
    const delayMs = chance.magnitude(Math.min(latencyMs * 4, maxDelayMs / 2), maxDelayMs);
    const isRecalled = chance.whether(0.3);
    const fault = isFaulty && faults.has(kind) ? kind : undefined;
    if (fault) this.#stats.fault(fault);
    return new Promise<T>((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      let isOver = false;
      const end = (settle: () => void): void => {
        isOver = true;
        signal?.removeEventListener("abort", abort);
        settle();
      };
      const abort = (): void => {
        if (heedsSignals) end(() => reject(signal!.reason));
      };
      signal?.addEventListener("abort", abort);
      const answer = (settle: () => void, afterMs = backMs): void =>
        void this.#time.after(afterMs, () => process.deliver(() => isOver || end(settle)));
      const fail = (afterMs?: number): void => answer(() => reject(new NetworkError("The call failed")), afterMs);
      const arrive = (): void => {
        if (isOver && isRecalled && fault !== "landLate") return;
        const outage = fault === "landLate" ? undefined : this.outage ?? process.machine.cut;
        if (outage) this.#stats.fault("call in outage");
        if (outage === "refuse") return fail();
        if (outage === "swallow") return;
        this.#land(effect, (settled) => {
          if (outage === "mute" || fault === "loseReply" || fault === "landLate") return;
          if (fault === "failAfter") return fail();
          answer(() => settled.then(resolve, reject), fault === "slow" && !isRecalled ? delayMs : backMs);
        }, fault === "arriveTwice" ? 2 : 1);
      };
      if (fault === "failBefore") return fail(thereMs + backMs);
      if (fault === "loseRequest") return;
      if (fault === "landLate" && isRecalled) fail(thereMs + backMs);
      const isLate = fault === "landLate" || (fault === "slow" && isRecalled);
      this.#time.after(isLate ? delayMs : thereMs, arrive);
    });
  }

  /** Lets a call take effect, once or twice; the last answer counts. */
  #land<T>(effect: () => T | Promise<T>, answer: (settled: Promise<T>) => void, times: number): void {
    let settled: Promise<T>;
    try {
      settled = Promise.resolve(effect());
    } catch (error) {
      settled = Promise.reject(error);
    }
    // what the server makes of it may be learnt late or never
    settled.catch(() => {});
    const next = (): void => times > 1 ? this.#land(effect, answer, times - 1) : answer(settled);
    // a server is done when its promise has settled, which takes no time
    settled.then(next, next);
  }
}

/**
 * A proxy before a server that speaks TCP, with the faults of each phase.
 *
 * @module
 */
import { type ProxyAction, type ProxyDirection, TcpProxy } from "../../internal/servers/tcp_proxy.ts";
import type { Random } from "../../internal/replicas/disruption.ts";
import type { PhaseKind } from "./plan.ts";

/** A fault of a piece of data, and its name in the table. */
export interface TcpFault {
  readonly label: string;
  readonly action: Exclude<ProxyAction, "pass">;
}

/** The share of pieces of data with a fault in a `mixed` phase. To connect takes several, and each call one or two. */
const RATES: Readonly<Record<ProxyDirection, number>> = { request: 0.25, answer: 0.05 };
/** Longer than a lease, so that some writes arrive after it. */
const MAX_DELAY_MS = 2_000;
/** A client with one connection is stuck until one that is held is cut. */
const CUT_HELD_MS = 1_000;

/** Draws the fault of the next piece of data in a phase. */
export function drawTcpFault(phase: PhaseKind, direction: ProxyDirection, random: Random): TcpFault | undefined {
  if (phase === "down") return { label: "down", action: "cut" };
  if (phase === "silent") return { label: "silent", action: "hold" };
  if (phase !== "mixed" || random() >= RATES[direction]) return undefined;
  const delay = Math.ceil(random() * MAX_DELAY_MS);
  const faults: readonly TcpFault[] = direction === "answer" ? [{ label: "answer delayed", action: delay }] : [
    { label: "request delayed", action: delay },
    { label: "cut before the server", action: "cut" },
    { label: "cut after the server", action: "cut-after" },
    { label: "half-open", action: "hold" },
  ];
  return faults[Math.floor(random() * faults.length)];
}

/** The proxy. Disposing of it closes all connections. */
export class TcpFaults implements AsyncDisposable {
  /** The faults, by kind. */
  readonly faults: Map<string, number> = new Map();
  readonly #proxy: TcpProxy;
  readonly #cutting: ReturnType<typeof setInterval>;

  /**
   * Listens.
   *
   * @param serverPort The port of the server on this machine.
   * @param phase Returns the kind of the present phase.
   * @param random Draws the faults.
   */
  constructor(serverPort: number, phase: () => PhaseKind, random: Random) {
    this.#proxy = new TcpProxy(serverPort);
    this.#proxy.rule = (direction) => {
      const fault = drawTcpFault(phase(), direction, random);
      if (!fault) return "pass";
      this.faults.set(fault.label, (this.faults.get(fault.label) ?? 0) + 1);
      return fault.action;
    };
    this.#cutting = setInterval(() => {
      const kind = phase();
      if (kind === "down") this.#proxy.cutAll();
      else if (kind !== "silent") this.#proxy.cutHeld();
    }, CUT_HELD_MS);
  }

  /** Where clients connect. */
  get port(): number {
    return this.#proxy.port;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#cutting);
    await this.#proxy[Symbol.asyncDispose]();
  }
}

/**
 * Plans faults between replicas and their store from a seed.
 *
 * @module
 */
import type { Random } from "../../internal/replicas/disruption.ts";

/**
 * A kind of phase: `calm` has no faults; `mixed` has faults of every kind; `503` and `429` have bursts of these answers. In
 * outages, connections are reset (`down`) or stay open without an answer (`silent`), or the server is frozen (`hung`), or killed
 * at the beginning and started at the end (`restart`).
 */
export type PhaseKind = "calm" | "mixed" | "503" | "429" | "down" | "silent" | "hung" | "restart";

/** A phase of a soak. Times count from the start of the soak. */
export interface Phase {
  readonly kind: PhaseKind;
  readonly fromMs: number;
  readonly toMs: number;
}

/** A fault of one request. */
export type RequestFault =
  /** The request or its reply is delayed. */
  | { readonly kind: "request delayed" | "reply delayed"; readonly delayMs: number }
  /** The connection is reset before the server gets the request, or instead of the reply. */
  | { readonly kind: "reset" | "reply reset" }
  /** The connection stays open without a reply; the server may have processed the request. */
  | { readonly kind: "half-open"; readonly isForwarded: boolean }
  /** The connection ends after a share of the reply. */
  | { readonly kind: "reply truncated"; readonly share: number }
  /** Something in front of the server answers. */
  | { readonly kind: "503" | "429"; readonly retryAfterS?: number }
  /** There is an outage. */
  | { readonly kind: "down" | "silent" };

/** The longest outage takes this share of a soak, and at most a minute. */
const OUTAGE_SHARE = 1 / 5;
const MAX_OUTAGE_MS = 60_000;
/** A soak starts and ends with a calm phase: replicas need time to start, and to recover from the last faults. */
const CALM_SHARE = 1 / 10;
const MAX_CALM_MS = 10_000;
/** Other phases take one to two units each. */
const UNIT_SHARE = 1 / 60;
const UNIT_MS = { min: 1_000, max: 5_000 };

/** The kinds of phases of HTTP services; `mixed` twice, as it has the most kinds of faults. */
export const HTTP_KINDS: readonly PhaseKind[] = ["mixed", "503", "mixed", "429", "down", "silent"];
/** The kinds of phases of a server of ours that speaks HTTP. */
export const HTTP_SERVER_KINDS: readonly PhaseKind[] = [...HTTP_KINDS, "hung", "restart"];
/** The kinds of phases of other servers. */
export const SERVER_KINDS: readonly PhaseKind[] = ["mixed", "hung", "mixed", "restart", "down", "silent"];
/** The shares of requests with a fault in a `mixed` phase and in a burst. */
const MIXED_RATE = 0.4;
const BURST_RATE = 0.8;
/** Longer than a lease, so that some writes arrive after it. */
const MAX_DELAY_MS = 2_000;

/**
 * Plans the phases of a soak: all kinds in random order, again and again, with calm phases between them and one long outage.
 *
 * @param totalMs How long the soak takes.
 * @param random Draws the order and the lengths.
 * @param kinds The kinds, each as often as it comes in a round.
 */
export function planPhases(totalMs: number, random: Random, kinds: readonly PhaseKind[] = HTTP_KINDS): Phase[] {
  const unitMs = Math.min(Math.max(totalMs * UNIT_SHARE, UNIT_MS.min), UNIT_MS.max);
  const edgeMs = Math.min(totalMs * CALM_SHARE, MAX_CALM_MS);
  const endMs = totalMs - edgeMs;
  const outageMs = Math.min(totalMs * OUTAGE_SHARE, MAX_OUTAGE_MS);
  const phases: Phase[] = [{ kind: "calm", fromMs: 0, toMs: edgeMs }];
  let nowMs = edgeMs;
  // the long outage comes early enough to fit in
  let phasesUntilLong = Math.floor(random() * 3);
  const add = (kind: PhaseKind, lengthMs: number): void => {
    const toMs = Math.min(nowMs + lengthMs, endMs);
    if (toMs > nowMs) phases.push({ kind, fromMs: nowMs, toMs });
    nowMs = toMs;
  };
  while (nowMs < endMs) {
    for (const kind of shuffled(kinds, random)) {
      if (phasesUntilLong-- === 0) {
        add(random() < 0.5 ? "down" : "silent", outageMs);
        add("calm", unitMs * 2);
      }
      add(kind, unitMs * (1 + random()));
      add("calm", unitMs * (1 + random()));
    }
  }
  return [...phases, { kind: "calm", fromMs: endMs, toMs: totalMs }];
}

/** Returns the kind of phase at a time. Before and after the soak it is calm. */
export function phaseAt(phases: readonly Phase[], ms: number): PhaseKind {
  return phases.find(({ fromMs, toMs }) => fromMs <= ms && ms < toMs)?.kind ?? "calm";
}

const OUTAGES: readonly PhaseKind[] = ["down", "silent", "hung", "restart"];

/** Returns the phases in which the store cannot be reached. */
export function outagesOf(phases: readonly Phase[]): Phase[] {
  return phases.filter(({ kind }) => OUTAGES.includes(kind));
}

/** Draws the fault of the next request in a phase. */
export function drawFault(phase: PhaseKind, random: Random): RequestFault | undefined {
  switch (phase) {
    case "calm":
    // the server itself is not available
    case "hung":
    case "restart":
      return undefined;
    case "down":
    case "silent":
      return { kind: phase };
    case "503":
    case "429":
      return random() < BURST_RATE ? errorReply(phase, random) : undefined;
    case "mixed":
      return random() < MIXED_RATE ? anyFault(random) : undefined;
  }
}

function anyFault(random: Random): RequestFault {
  const delayMs = Math.ceil(random() * MAX_DELAY_MS);
  const faults: readonly RequestFault[] = [
    { kind: "request delayed", delayMs },
    { kind: "reply delayed", delayMs },
    { kind: "reset" },
    { kind: "reply reset" },
    { kind: "half-open", isForwarded: random() < 0.5 },
    { kind: "reply truncated", share: random() },
    errorReply("503", random),
    errorReply("429", random),
  ];
  return faults[Math.floor(random() * faults.length)]!;
}

/** Every other one has a Retry-After header. */
function errorReply(kind: "503" | "429", random: Random): RequestFault {
  return random() < 0.5 ? { kind, retryAfterS: 1 } : { kind };
}

function shuffled<Item>(items: readonly Item[], random: Random): Item[] {
  const left = [...items];
  return items.map(() => left.splice(Math.floor(random() * left.length), 1)[0]!);
}

/**
 * What goes wrong between replicas and their store, and when: by chance, but by a seed. Pure.
 *
 * @module
 */

/** From 0 up to, but not including, 1. */
export type Chance = () => number;

/**
 * What a stretch of time is like: `calm`; `mixed`, where many a request has a fault of any kind; bursts of answers `503`
 * or `429`; and the two kinds of outage, `down`, where connections are reset, and `silent`, where nothing ever answers.
 */
export type PhaseKind = "calm" | "mixed" | "503" | "429" | "down" | "silent";

/** A stretch of a soak. Times count from its beginning. */
export interface Phase {
  readonly kind: PhaseKind;
  readonly fromMs: number;
  readonly toMs: number;
}

/** What goes wrong with one request. */
export type RequestFault =
  /** It reaches the server late, or its reply comes late. */
  | { readonly kind: "request delayed" | "reply delayed"; readonly delayMs: number }
  /** Its connection is reset, before the server has seen it or instead of the reply. */
  | { readonly kind: "reset" | "reply reset" }
  /** Its connection stays open and nothing ever comes; the server may have done it. */
  | { readonly kind: "half-open"; readonly isForwarded: boolean }
  /** So much of the reply comes, and then the connection's end. */
  | { readonly kind: "reply truncated"; readonly share: number }
  /** Something before the server answers. */
  | { readonly kind: "503" | "429"; readonly retryAfterS?: number }
  /** There is an outage. */
  | { readonly kind: "down" | "silent" };

/** The longest outage takes that share of a soak, and at most so long. */
const OUTAGE_SHARE = 1 / 5;
const LONGEST_OUTAGE_MS = 60_000;
/** A soak begins and ends in peace: replicas need some time to get up, and the last faults to be got over. */
const CALM_SHARE = 1 / 10;
const LONGEST_CALM_MS = 10_000;
/** Other phases take one to two units each. */
const UNIT_SHARE = 1 / 60;
const UNIT_MS = { least: 1_000, most: 5_000 };

/** What takes turns; `mixed` twice, as it has the most kinds of faults. */
const KINDS: readonly PhaseKind[] = ["mixed", "503", "mixed", "429", "down", "silent"];
/** How many requests of a `mixed` phase, and of a burst, have a fault. */
const MIXED_RATE = 0.4;
const BURST_RATE = 0.8;
/** Longer than a lease, so that writes land late. */
const LONGEST_DELAY_MS = 2_000;

/** The phases of a soak: all kinds in an order by chance, and again in another one, calm between them, one long outage among them. */
export function phasesOf(totalMs: number, random: Chance): Phase[] {
  const unitMs = Math.min(Math.max(totalMs * UNIT_SHARE, UNIT_MS.least), UNIT_MS.most);
  const edgeMs = Math.min(totalMs * CALM_SHARE, LONGEST_CALM_MS);
  const endMs = totalMs - edgeMs;
  const outageMs = Math.min(totalMs * OUTAGE_SHARE, LONGEST_OUTAGE_MS);
  const phases: Phase[] = [{ kind: "calm", fromMs: 0, toMs: edgeMs }];
  const nowMs = (): number => phases.at(-1)!.toMs;
  // a later one might not fit
  let longIn = Math.floor(random() * 3);
  const add = (kind: PhaseKind, lengthMs: number): void => {
    const toMs = Math.min(nowMs() + lengthMs, endMs);
    if (toMs > nowMs()) phases.push({ kind, fromMs: nowMs(), toMs });
  };
  while (nowMs() < endMs) {
    for (const kind of shuffled(KINDS, random)) {
      if (longIn-- === 0) {
        add(random() < 0.5 ? "down" : "silent", outageMs);
        add("calm", unitMs * 2);
      }
      add(kind, unitMs * (1 + random()));
      add("calm", unitMs * (1 + random()));
    }
  }
  return [...phases, { kind: "calm", fromMs: endMs, toMs: totalMs }];
}

/** What it is like at a time. Before and after the soak it is calm. */
export function phaseAt(phases: readonly Phase[], ms: number): PhaseKind {
  return phases.find(({ fromMs, toMs }) => fromMs <= ms && ms < toMs)?.kind ?? "calm";
}

/** The phases in which the store can't be reached. */
export function outagesOf(phases: readonly Phase[]): Phase[] {
  return phases.filter(({ kind }) => kind === "down" || kind === "silent");
}

/** What goes wrong with the next request in such a phase. */
export function faultOf(phase: PhaseKind, random: Chance): RequestFault | undefined {
  switch (phase) {
    case "calm":
      return undefined;
    case "down":
    case "silent":
      return { kind: phase };
    case "503":
    case "429":
      return random() < BURST_RATE ? refusal(phase, random) : undefined;
    case "mixed":
      return random() < MIXED_RATE ? anyFault(random) : undefined;
  }
}

function anyFault(random: Chance): RequestFault {
  const delayMs = Math.ceil(random() * LONGEST_DELAY_MS);
  const faults: readonly RequestFault[] = [
    { kind: "request delayed", delayMs },
    { kind: "reply delayed", delayMs },
    { kind: "reset" },
    { kind: "reply reset" },
    { kind: "half-open", isForwarded: random() < 0.5 },
    { kind: "reply truncated", share: random() },
    refusal("503", random),
    refusal("429", random),
  ];
  return faults[Math.floor(random() * faults.length)]!;
}

/** Every other one says how long to wait. */
function refusal(kind: "503" | "429", random: Chance): RequestFault {
  return random() < 0.5 ? { kind, retryAfterS: 1 } : { kind };
}

function shuffled<Item>(items: readonly Item[], random: Chance): Item[] {
  const left = [...items];
  return items.map(() => left.splice(Math.floor(random() * left.length), 1)[0]!);
}

/**
 * Which call has which fault.
 *
 * @module
 */
import { type Duration, durationMs } from "../time/duration.ts";
import { refuse } from "../errors.ts";
import { type Fault, FAULT_KINDS, type FaultKind, type StoreCall } from "./fault.ts";
import { seededRandom } from "./seeded_random.ts";

/** How likely each kind of fault is for a call, from 0 to 1; what is left out never happens. */
export type FaultRates =
  & { readonly [Kind in FaultKind]?: number | undefined }
  & {
    /** Which share of these faults pays no heed to a signal. */
    readonly ignoresSignal?: number | undefined;
  };

/** Where the faults come from. */
export interface FaultPlanOptions {
  /** Asked at each call, before chance is. */
  readonly script?: ((call: StoreCall) => Fault | undefined) | undefined;
  /** Has faults come by chance, the same ones for the same seed. Any whole number. */
  readonly seed?: number | undefined;
  /** Has faults come by a chance of one's own, instead of a seed: from 0 up to, but not including, 1. */
  readonly random?: (() => number) | undefined;
  /** How likely each kind of fault is. Needs `seed` or `random`.  @default {0.05 for each kind} */
  readonly rates?: FaultRates | undefined;
  /** The longest delay that comes by chance. Needs `seed` or `random`.  @default {1 second} */
  readonly maxDelay?: Duration | undefined;
}

const DOING = "create the faulty store";

const DEFAULT_RATE = 0.05;

const DEFAULT_MAX_DELAY_MS = 1_000;

/** Chooses the fault of each call. */
export class FaultPlan {
  readonly #script: FaultPlanOptions["script"];
  readonly #random: (() => number) | undefined;
  readonly #rates: FaultRates;
  readonly #maxDelayMs: number;

  /** Checks the options. */
  constructor({ script, seed, random, rates, maxDelay }: FaultPlanOptions) {
    for (const [option, value] of Object.entries({ rates, maxDelay })) {
      if (value !== undefined && seed === undefined && !random) {
        refuse(TypeError, `"${option}" needs "seed" or "random"`, value, DOING);
      }
    }
    if (seed !== undefined && random) refuse(TypeError, '"seed" and "random" exclude each other', seed, DOING);
    this.#script = script;
    this.#random = seed === undefined ? random : seededRandom(seed);
    this.#rates = rates ?? Object.fromEntries(FAULT_KINDS.map((kind) => [kind, DEFAULT_RATE]));
    this.#maxDelayMs = maxDelay === undefined ? DEFAULT_MAX_DELAY_MS : durationMs(maxDelay, "maxDelay", DOING);
    checkRates(this.#rates);
  }

  /** The fault of a call, if it has one. */
  faultOf(call: StoreCall): Fault | undefined {
    // drawn in any case, so that what the script does to one call does not change the chances of the next
    const drawn = this.#random && this.#draw(call, this.#random);
    return this.#script?.(call) ?? drawn;
  }

  /** Takes the same count of numbers whatever becomes of the call. */
  #draw(call: StoreCall, random: () => number): Fault | undefined {
    let which = random();
    const delay = Math.ceil(random() * this.#maxDelayMs) || 1;
    const coin = random() < 0.5;
    const ignoresSignal = random() < (this.#rates.ignoresSignal ?? 0);
    for (const kind of FAULT_KINDS) {
      which -= this.#rates[kind] ?? 0;
      if (which >= 0) continue;
      if (kind === "landLate" && call.kind === "read") return undefined;
      return { kind, delay, takesEffect: coin, hangs: coin, ignoresSignal };
    }
    return undefined;
  }
}

function checkRates(rates: FaultRates): void {
  const known: readonly string[] = [...FAULT_KINDS, "ignoresSignal"];
  for (const [kind, rate = 0] of Object.entries(rates)) {
    if (!known.includes(kind)) refuse(TypeError, `the rate "${kind}" is unknown`, rate, DOING);
    if (!(rate >= 0 && rate <= 1)) refuse(RangeError, `the rate "${kind}" must be from 0 to 1`, rate, DOING);
  }
  const sum = FAULT_KINDS.reduce((total, kind) => total + (rates[kind] ?? 0), 0);
  // sums of decimal fractions are not exact
  if (sum > 1 + 1e-9) refuse(RangeError, '"rates" must not add up to more than 1', sum, DOING);
}

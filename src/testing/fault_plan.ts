/**
 * Chooses the fault of each call: by a script, or at random.
 *
 * @module
 */
import { cannot } from "../errors.ts";
import { checkOptions, type OptionTypes } from "../option_checks.ts";
import { type Duration, durationMs } from "../time/duration.ts";
import { type Fault, FAULT_KINDS, type FaultKind, type StoreCall } from "./fault.ts";
import { seededRandom } from "./seeded_random.ts";

/** The probability of each kind of fault, from 0 to 1. A kind that is absent has 0. */
export type FaultRates =
  & { readonly [Kind in FaultKind]?: number | undefined }
  & {
    /** The share of these faults that ignore the signal of the call. */
    readonly ignoresSignal?: number | undefined;
  };

/** The options that say which calls fail. */
export interface FaultPlanOptions {
  /** Returns the fault of a call. Random faults apply to the calls for which it returns none. */
  readonly script?: ((call: StoreCall) => Fault | undefined) | undefined;
  /** Any whole number. Makes random faults, the same ones for the same seed. */
  readonly seed?: number | undefined;
  /** Makes random faults with this source instead of a seed; it returns numbers from 0 up to, but not including, 1. */
  readonly random?: (() => number) | undefined;
  /** The probability of each kind of fault. Needs `seed` or `random`.  @default {0.05 for each kind} */
  readonly rates?: FaultRates | undefined;
  /** The longest random delay. Needs `seed` or `random`.  @default {1 second} */
  readonly maxDelay?: Duration | undefined;
}

const CREATE = "create the faulty store";
const DEFAULT_RATE = 0.05;
const DEFAULT_MAX_DELAY_MS = 1_000;

/** Sums of decimal fractions are not exact. */
const ROUNDING_ERROR = 1e-9;

const RATE_TYPES: OptionTypes = Object.fromEntries(
  [...FAULT_KINDS, "ignoresSignal"].map((name) => [name, "number" as const]),
);

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
        throw new TypeError(cannot(CREATE, `"${option}" needs "seed" or "random"`, value));
      }
    }
    if (seed !== undefined && random) {
      throw new TypeError(cannot(CREATE, '"seed" and "random" exclude each other', seed));
    }
    this.#script = script;
    this.#random = seed === undefined ? random : seededRandom(seed);
    this.#rates = rates ?? Object.fromEntries(FAULT_KINDS.map((kind) => [kind, DEFAULT_RATE]));
    this.#maxDelayMs = maxDelay === undefined ? DEFAULT_MAX_DELAY_MS : durationMs(maxDelay, "maxDelay", CREATE);
    checkRates(this.#rates);
  }

  /** The fault of a call; `undefined` if it has none. */
  faultOf(call: StoreCall): Fault | undefined {
    // drawn for every call, so that the script does not change the random faults of later calls
    const randomFault = this.#random && this.#drawFault(call, this.#random);
    return this.#script?.(call) ?? randomFault;
  }

  /** Takes four random numbers for every call, so that the fault of one call does not change those of later calls. */
  #drawFault(call: StoreCall, random: () => number): Fault | undefined {
    const kind = this.#kindAt(random());
    const delay = Math.ceil(random() * this.#maxDelayMs) || 1;
    const coin = random() < 0.5;
    const ignoresSignal = random() < (this.#rates.ignoresSignal ?? 0);
    const hasNoEffect = kind === "landLate" && call.kind === "read";
    if (kind === undefined || hasNoEffect) return undefined;
    return { kind, delay, takesEffect: coin, hangs: coin, ignoresSignal };
  }

  /** Divides the numbers from 0 to 1 among the kinds, by their rates. */
  #kindAt(position: number): FaultKind | undefined {
    let end = position;
    for (const kind of FAULT_KINDS) {
      end -= this.#rates[kind] ?? 0;
      if (end < 0) return kind;
    }
    return undefined;
  }
}

function checkRates(rates: FaultRates): void {
  checkOptions(rates, RATE_TYPES, CREATE, { hidesValues: true });
  for (const [kind, rate = 0] of Object.entries(rates)) {
    if (!(rate >= 0 && rate <= 1)) {
      throw new RangeError(cannot(CREATE, `the rate "${kind}" must be from 0 to 1`, rate));
    }
  }
  const sum = FAULT_KINDS.reduce((total, kind) => total + (rates[kind] ?? 0), 0);
  if (sum > 1 + ROUNDING_ERROR) throw new RangeError(cannot(CREATE, '"rates" must not add up to more than 1', sum));
}

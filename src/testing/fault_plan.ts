/**
 * Chooses the fault of each call: by a script, or at random.
 *
 * @module
 */
import { cannot } from "../errors.ts";
import { checkOptions, type OptionTypes } from "../option_checks.ts";
import { type Duration, durationMs } from "../time/duration.ts";
import { type Fault, FAULT_KINDS, type FaultKind, type StoreCall } from "./fault.ts";
import {
  HINT_FAULT_KINDS,
  type HintFault,
  type HintFaultKind,
  type HintFaultRates,
  type StoreHint,
} from "./hint_fault.ts";
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
  /** Returns the fault of a hint of a watch. Random faults apply to the hints for which it returns none. */
  readonly hintScript?: ((hint: StoreHint) => HintFault | undefined) | undefined;
  /**
   * The probability of each kind of fault of a hint. Needs `seed` or `random`.
   * @default {0.05 for each kind, or none if there are `rates`}
   */
  readonly hintRates?: HintFaultRates | undefined;
  /** The longest random delay. Needs `seed` or `random`.  @default {1 second} */
  readonly maxDelay?: Duration | undefined;
}

const CREATE = "create the faulty store";
const DEFAULT_RATE = 0.05;
const DEFAULT_MAX_DELAY_MS = 1_000;

/** Sums of decimal fractions are not exact. */
const ROUNDING_ERROR = 1e-9;

const RATE_TYPES: OptionTypes = typesOf([...FAULT_KINDS, "ignoresSignal"]);
const HINT_RATE_TYPES: OptionTypes = typesOf(HINT_FAULT_KINDS);

/** Chooses the fault of each call, and of each hint. */
export class FaultPlan {
  readonly #script: FaultPlanOptions["script"];
  readonly #hintScript: FaultPlanOptions["hintScript"];
  readonly #random: (() => number) | undefined;
  /** Another source, so that hints, which come at any time, do not change the faults of calls. */
  readonly #hintRandom: (() => number) | undefined;
  readonly #rates: FaultRates;
  readonly #hintRates: HintFaultRates;
  readonly #maxDelayMs: number;

  /** Checks the options. */
  constructor({ script, hintScript, seed, random, rates, hintRates, maxDelay }: FaultPlanOptions) {
    for (const [option, value] of Object.entries({ rates, hintRates, maxDelay })) {
      if (value !== undefined && seed === undefined && !random) {
        throw new TypeError(cannot(CREATE, `"${option}" needs "seed" or "random"`, value));
      }
    }
    if (seed !== undefined && random) {
      throw new TypeError(cannot(CREATE, '"seed" and "random" exclude each other', seed));
    }
    this.#script = script;
    this.#hintScript = hintScript;
    this.#random = seed === undefined ? random : seededRandom(seed);
    this.#hintRandom = seed === undefined ? random : seededRandom(-seed - 1);
    this.#rates = rates ?? equalRates(FAULT_KINDS);
    this.#hintRates = hintRates ?? (rates ? {} : equalRates(HINT_FAULT_KINDS));
    this.#maxDelayMs = maxDelay === undefined ? DEFAULT_MAX_DELAY_MS : durationMs(maxDelay, "maxDelay", CREATE);
    checkRates(this.#rates, "rates", FAULT_KINDS, RATE_TYPES);
    checkRates(this.#hintRates, "hintRates", HINT_FAULT_KINDS, HINT_RATE_TYPES);
  }

  /** The fault of a call; `undefined` if it has none. */
  faultOf(call: StoreCall): Fault | undefined {
    // drawn for every call, so that the script does not change the random faults of later calls
    const randomFault = this.#random && this.#drawFault(call, this.#random);
    return this.#script?.(call) ?? randomFault;
  }

  /** The fault of a hint; `undefined` if it has none. */
  hintFaultOf(hint: StoreHint): HintFault | undefined {
    const random = this.#hintRandom;
    const randomFault = random && this.#drawHintFault(random);
    return this.#hintScript?.(hint) ?? randomFault;
  }

  /** Takes two random numbers for every hint. */
  #drawHintFault(random: () => number): HintFault | undefined {
    const kind = kindAt(random(), HINT_FAULT_KINDS, this.#hintRates);
    const delay = Math.ceil(random() * this.#maxDelayMs) || 1;
    return kind && { kind, delay };
  }

  /** Takes four random numbers for every call, so that the fault of one call does not change those of later calls. */
  #drawFault(call: StoreCall, random: () => number): Fault | undefined {
    const kind = kindAt(random(), FAULT_KINDS, this.#rates);
    const delay = Math.ceil(random() * this.#maxDelayMs) || 1;
    const coin = random() < 0.5;
    const ignoresSignal = random() < (this.#rates.ignoresSignal ?? 0);
    const hasNoEffect = kind === "landLate" && call.kind !== "write";
    if (kind === undefined || hasNoEffect) return undefined;
    return { kind, delay, takesEffect: coin, hangs: coin, ignoresSignal };
  }
}

/** Divides the numbers from 0 to 1 among the kinds, by their rates. */
function kindAt<Kind extends FaultKind | HintFaultKind>(
  position: number,
  kinds: readonly Kind[],
  rates: { readonly [K in Kind]?: number | undefined },
): Kind | undefined {
  let end = position;
  for (const kind of kinds) {
    end -= rates[kind] ?? 0;
    if (end < 0) return kind;
  }
  return undefined;
}

function equalRates<Kind extends string>(kinds: readonly Kind[]): { readonly [K in Kind]?: number } {
  return Object.fromEntries(kinds.map((kind) => [kind, DEFAULT_RATE])) as { [K in Kind]?: number };
}

function typesOf(names: readonly string[]): OptionTypes {
  return Object.fromEntries(names.map((name) => [name, "number" as const]));
}

function checkRates(
  rates: Readonly<Record<string, number | undefined>>,
  option: string,
  kinds: readonly string[],
  types: OptionTypes,
): void {
  checkOptions(rates, types, CREATE, { hidesValues: true });
  for (const [kind, rate = 0] of Object.entries(rates)) {
    if (!(rate >= 0 && rate <= 1)) {
      throw new RangeError(cannot(CREATE, `the rate "${kind}" must be from 0 to 1`, rate));
    }
  }
  const sum = kinds.reduce((total, kind) => total + (rates[kind] ?? 0), 0);
  if (sum > 1 + ROUNDING_ERROR) {
    throw new RangeError(cannot(CREATE, `"${option}" must not add up to more than 1`, sum));
  }
}

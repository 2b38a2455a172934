/**
 * What a check works with: clients of the store, and keys that no other check uses.
 *
 * @module
 */
import { newId } from "../record/ids.ts";
import type { StatusStore } from "../store/store.ts";
import { CheckedClient } from "./checked_client.ts";
import { checkIsStore } from "./options.ts";

/** What the checks of one store have in common. */
export interface BenchSettings {
  readonly open: () => StatusStore | Promise<StatusStore>;
  readonly close: ((store: StatusStore) => unknown) | undefined;
  readonly openHung: ((limitMs: number) => StatusStore | Promise<StatusStore>) | undefined;
  readonly openFailing: (() => StatusStore | Promise<StatusStore>) | undefined;
  readonly keyPrefix: string;
  readonly maxKeyBytes: number;
  readonly raceRounds: number | undefined;
  readonly raceMs: number;
  readonly callLimitMs: number;
  readonly equalBodiesMayShareVersions: boolean;
  readonly report: ((line: string) => unknown) | undefined;
}

/** A named check, before it is given a store. */
export interface Check {
  /** A sentence about the store. */
  readonly name: string;
  /** Why it can't be run with these settings, if it can't. */
  readonly skipped?: (settings: BenchSettings) => string | undefined;
  readonly run: (bench: Bench) => Promise<void>;
}

/** What one check works with. */
export class Bench {
  readonly settings: BenchSettings;
  readonly #opened: CheckedClient[] = [];
  readonly #id: string = newId();
  #keys = 0;

  private constructor(settings: BenchSettings) {
    this.settings = settings;
  }

  /** Runs a check with two clients of the store, and closes what it opened. */
  static async run(settings: BenchSettings, check: Check): Promise<void> {
    const bench = new Bench(settings);
    try {
      await bench.open();
      await bench.open();
      await check.run(bench);
    } finally {
      for (const { store } of bench.#opened) await settings.close?.(store);
    }
  }

  /** A client. Its calls are given a signal. */
  get one(): CheckedClient {
    return this.#opened[0]!;
  }

  /** Another client. Its calls are given no options but those that a check gives. */
  get other(): CheckedClient {
    return this.#opened[1]!;
  }

  /** Opens one more client. */
  async open(open: () => StatusStore | Promise<StatusStore> = this.settings.open): Promise<CheckedClient> {
    const store = await open();
    checkIsStore(store, "check the store");
    const client = new CheckedClient(store, this.settings.callLimitMs, this.#opened.length === 0);
    this.#opened.push(client);
    return client;
  }

  /** A key that has no record; may be called on its own. */
  readonly newKey = (): string => `${this.keyStem}${++this.#keys}`;

  /** What the keys of this check begin with. */
  get keyStem(): string {
    return `${this.settings.keyPrefix}${this.#id}-`;
  }
}

/**
 * The context of a store check: clients of the store, and keys that no other check uses.
 *
 * @module
 */
import { newId } from "../record/ids.ts";
import type { StatusStore } from "../store/store.ts";
import { CheckedClient } from "../store_check/checked_client.ts";
import { checkStoreShape } from "../store_check/store_shape.ts";

/** Opens a client of a store. */
export type OpenStore = () => StatusStore | Promise<StatusStore>;

/** The options of the checks, with their defaults. */
export interface CheckSettings {
  readonly open: OpenStore;
  readonly close: ((store: StatusStore) => unknown) | undefined;
  readonly openHung: ((limitMs: number) => StatusStore | Promise<StatusStore>) | undefined;
  readonly openFailing: OpenStore | undefined;
  readonly keyPrefix: string;
  readonly maxKeyBytes: number;
  readonly raceRounds: number | undefined;
  readonly raceMs: number;
  readonly callLimitMs: number;
  readonly equalBodiesMayShareVersions: boolean;
  readonly report: ((line: string) => unknown) | undefined;
}

/** A check of any store. */
export interface Check {
  /** The rule that is checked, as a sentence. */
  readonly name: string;
  /** Why the check can't run with these settings; `undefined` if it can. */
  readonly skipped?: (settings: CheckSettings) => string | undefined;
  /** The optional method that is checked. The check passes for a store that lacks it. */
  readonly method?: "list" | "watch" | "readMany";
  readonly run: (context: CheckContext) => Promise<void>;
}

/** The clients and keys of one run of a check. */
export class CheckContext {
  readonly settings: CheckSettings;
  /** A client whose calls get a signal. */
  readonly one: CheckedClient;
  /** Another client, whose calls get no options unless the check passes some. */
  readonly other: CheckedClient;
  /** The beginning of all keys of this run. */
  readonly keyStem: string;
  readonly #opened: StatusStore[];
  #keys = 0;

  private constructor(settings: CheckSettings, one: StatusStore, other: StatusStore, opened: StatusStore[]) {
    this.settings = settings;
    this.one = new CheckedClient(one, settings.callLimitMs, true);
    this.other = new CheckedClient(other, settings.callLimitMs, false);
    this.keyStem = `${settings.keyPrefix}${newId()}-`;
    this.#opened = opened;
  }

  /** Runs a check with two clients of the store, and closes all clients that were opened. */
  static async run(settings: CheckSettings, check: Check): Promise<void> {
    const opened: StatusStore[] = [];
    try {
      const one = await openStore(settings.open, opened);
      const other = await openStore(settings.open, opened);
      const context = new CheckContext(settings, one, other, opened);
      if (check.method && !context.one.has(check.method)) {
        settings.report?.(`the store has no ${check.method}(): "${check.name}" checks nothing`);
        return;
      }
      await check.run(context);
    } finally {
      for (const store of opened) await settings.close?.(store);
    }
  }

  /** Opens one more client. */
  async open(open: OpenStore = this.settings.open): Promise<CheckedClient> {
    const store = await openStore(open, this.#opened);
    return new CheckedClient(store, this.settings.callLimitMs, false);
  }

  /** Returns a key that has no record. An arrow function, so that checks can destructure it. */
  readonly newKey = (): string => {
    this.#keys++;
    return `${this.keyStem}${this.#keys}`;
  };
}

async function openStore(open: OpenStore, opened: StatusStore[]): Promise<StatusStore> {
  const store = await open();
  checkStoreShape(store, "check the store");
  opened.push(store);
  return store;
}

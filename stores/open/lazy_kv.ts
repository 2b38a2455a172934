/**
 * Databases that are opened before the first call.
 *
 * @module
 */
import { cannot } from "../../src/errors.ts";
import type { StatusStore } from "../../src/store/store.ts";
import { NO_HINTS } from "./late_hints.ts";
import { type Connection, OPEN } from "./scheme.ts";
import { sharedAttempt } from "./shared_attempt.ts";
import { withinLimit } from "./time_limit.ts";

/** A store in a database that opens late. */
type LateStore = Connection["store"] & Required<Pick<StatusStore, "readMany">>;

/** What opens the database, and the store in it. */
interface LazyKvOptions<Client> {
  readonly openKv: () => Promise<Client>;
  readonly storeOn: (kv: Client) => LateStore;
  /** How long an attempt to open the database may take. */
  readonly limitMs: number;
}

/** A database that is opened before the first call, and again before the next one if that fails. */
export class LazyKv<Client extends { close(): unknown }> {
  readonly #options: LazyKvOptions<Client>;
  #opened: { readonly kv: Client; readonly store: LateStore } | undefined;
  #isClosed = false;
  readonly #attempt: () => Promise<void> = sharedAttempt(() => this.#open());

  /** Opens nothing yet. */
  constructor(options: LazyKvOptions<Client>) {
    this.#options = options;
  }

  /** Opens the database unless it is open. */
  prepare(): Promise<void> | undefined {
    return this.#opened ? undefined : this.#attempt();
  }

  /** Passes calls on to the store in the database, which must be open. */
  storeFor(watches: boolean): LateStore {
    return {
      read: (key, options) => this.#store().read(key, options),
      write: (key, value, version, options) => this.#store().write(key, value, version, options),
      readMany: (keys, options) => this.#store().readMany(keys, options),
      list: (options) => this.#store().list(options),
      ...(watches && { watch: (key, options) => this.#store().watch?.(key, options) ?? NO_HINTS }),
    };
  }

  /** Closes the database, also one that opens later. */
  close(): unknown {
    this.#isClosed = true;
    return this.#opened?.kv.close();
  }

  #store(): LateStore {
    if (!this.#opened) throw new Error(cannot("use the store", "its database must be open", "not open"));
    return this.#opened.store;
  }

  async #open(): Promise<void> {
    const { openKv, storeOn, limitMs } = this.#options;
    const opening = openKv();
    const kv = await withinLimit({ action: OPEN, limitMs }, () => opening).catch((error) => {
      // one that opens too late
      opening.then((late) => late.close(), () => {});
      throw error;
    });
    try {
      if (this.#isClosed) throw new Error(cannot(OPEN, "it must not be closed", "closed"));
      this.#opened = { kv, store: storeOn(kv) };
    } catch (error) {
      await kv.close();
      throw error;
    }
  }
}

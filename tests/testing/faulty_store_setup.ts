import { MemoryStore, type StatusStore, type StoreCallOptions } from "../../mod.ts";
import { type Fault, FaultyStore } from "../../src/testing/mod.ts";
import { VirtualTime } from "../helpers/virtual_time.ts";

export const KEY = "task";
export const OLD: Uint8Array = Uint8Array.of(1);
export const NEW: Uint8Array = Uint8Array.of(2);

/** A call and its state. */
export class WatchedCall {
  state = "pending";
  reason: unknown;

  constructor(call: Promise<unknown>) {
    call.then((value) => {
      this.state = `answered ${value === null || typeof value === "string" ? value : "an entry"}`;
    }, (error) => {
      this.state = "rejected";
      this.reason = error;
    });
  }
}

/** A store with a record, whose calls all have the same fault. */
export class FaultyStoreSetup {
  readonly virtual: VirtualTime = new VirtualTime();
  readonly inner: MemoryStore = new MemoryStore();
  readonly passedSignals: (AbortSignal | undefined)[] = [];
  readonly store: FaultyStore;
  readonly abort: AbortController = new AbortController();

  private constructor(fault: Fault) {
    const spied: StatusStore = {
      read: (key, options) => this.#spy(options, () => this.inner.read(key, options)),
      write: (key, value, version, options) => this.#spy(options, () => this.inner.write(key, value, version, options)),
    };
    this.store = new FaultyStore(spied, { clock: this.virtual.clock(), script: () => fault });
  }

  static async create(fault: Fault): Promise<FaultyStoreSetup> {
    const setup = new FaultyStoreSetup(fault);
    await setup.inner.write(KEY, OLD, null);
    return setup;
  }

  #spy<T>(options: StoreCallOptions | undefined, call: () => T): T {
    this.passedSignals.push(options?.signal);
    return call();
  }

  /** Writes a new record, with a signal or without. */
  write(options: StoreCallOptions | null = { signal: this.abort.signal }): WatchedCall {
    return new WatchedCall(this.store.write(KEY, NEW, "1", options ?? undefined));
  }

  read(): WatchedCall {
    return new WatchedCall(this.store.read(KEY, { signal: this.abort.signal }));
  }

  /** Whether the write has taken effect. */
  async isWritten(): Promise<boolean> {
    return (await this.inner.read(KEY))?.value[0] === NEW[0];
  }
}

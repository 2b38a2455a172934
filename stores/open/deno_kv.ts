/**
 * `deno-kv:`, a file, a database in memory or one over KV Connect.
 *
 * @module
 */
import type { StatusEntry, StatusStore, StoreCallOptions } from "../../src/store/store.ts";
import type { DenoKvStore } from "../deno_kv.ts";
import type { Kv } from "../deno_kv/kv.ts";
import { createClient, type DriverPackage, exportsOf, runtimeName } from "./drivers.ts";
import { defined, OPEN, type Scheme } from "./scheme.ts";
import { hintsWhenReady, NO_HINTS } from "./late_hints.ts";
import { orAborted } from "./tables.ts";

type OwnKv = Kv & { close(): void };
type Open = (path: string | undefined) => Promise<OwnKv>;

interface DenoLike {
  readonly openKv?: Open;
}

interface KvModule {
  readonly openKv: (path: string | undefined, serializer: unknown) => Promise<OwnKv>;
  readonly makeLimitedV8Serializer: () => unknown;
}

const PACKAGES: readonly DriverPackage<Open>[] = [{
  name: "@deno/kv",
  create(module: KvModule) {
    const { openKv, makeLimitedV8Serializer } = exportsOf(module, "openKv");
    // records are bytes, which need no serialiser; Bun lacks the default one
    return (path) => openKv(path, makeLimitedV8Serializer());
  },
}];

/** Finds the driver. Deno has its own, and the package needs Node or Bun. */
async function findDriver(): Promise<Open> {
  if (runtimeName() !== "Deno") return await createClient(PACKAGES);
  const deno = (globalThis as unknown as Readonly<Record<string, DenoLike>>)["Deno"];
  if (deno?.openKv) return deno.openKv.bind(deno);
  throw new Error(`Cannot ${OPEN} as Deno KV is unstable; run Deno with --unstable-kv: current value is none`);
}

/** A store whose database is opened by the first call, and again by the next one if that fails. */
class LazyKvStore implements StatusStore {
  readonly #openKv: () => Promise<OwnKv>;
  readonly #storeOn: (kv: Kv) => DenoKvStore;
  #opening: Promise<{ readonly kv: OwnKv; readonly store: DenoKvStore }> | undefined;

  readonly watch?: (key: string, options?: StoreCallOptions) => AsyncIterable<void>;

  constructor(openKv: () => Promise<OwnKv>, storeOn: (kv: Kv) => DenoKvStore, watches: boolean) {
    this.#openKv = openKv;
    this.#storeOn = storeOn;
    if (!watches) return;
    this.watch = (key, options) =>
      hintsWhenReady(async (signal) => {
        const store = await this.#store(signal);
        return store.watch?.(key, { signal }) ?? NO_HINTS;
      }, options?.signal);
  }

  async read(key: string, options?: StoreCallOptions): Promise<StatusEntry | null> {
    return await (await this.#store(options?.signal)).read(key, options);
  }

  async write(
    key: string,
    value: Uint8Array,
    version: string | null,
    options?: StoreCallOptions,
  ): Promise<string | null> {
    return await (await this.#store(options?.signal)).write(key, value, version, options);
  }

  async *list(options?: StoreCallOptions): AsyncIterable<string> {
    yield* (await this.#store(options?.signal)).list(options);
  }

  async close(): Promise<void> {
    (await this.#opening)?.kv.close();
  }

  async #store(signal: AbortSignal | undefined): Promise<DenoKvStore> {
    return (await orAborted(this.#opening ??= this.#open(), signal)).store;
  }

  async #open(): Promise<{ readonly kv: OwnKv; readonly store: DenoKvStore }> {
    try {
      const kv = await this.#openKv();
      return { kv, store: this.#storeOn(kv) };
    } catch (error) {
      this.#opening = undefined;
      throw error;
    }
  }
}

/** A database of Deno KV. */
export const DENO_KV: Scheme = {
  names: ["deno-kv"],
  example: "deno-kv:./tasks.db",
  parameters: ["prefix", "timeout", "watch"],
  parts: {},
  async open(address) {
    const { DenoKvStore } = await import("../deno_kv.ts");
    const prefix = address.text("prefix");
    const watches = address.flag("watch") ?? runtimeName() === "Deno";
    const parts = prefix === undefined ? undefined : prefix === "" ? [] : prefix.split("/");
    const options = defined({ prefix: parts, requestTimeout: address.timeoutMs });
    const openKv = await findDriver();
    const store = new LazyKvStore(
      () => openKv(address.path || undefined),
      (kv) => new DenoKvStore({ kv, watch: watches, ...options }),
      watches,
    );
    return { store, close: () => store.close() };
  },
};

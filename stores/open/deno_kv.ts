/**
 * `deno-kv:`, a file, a database in memory or one over KV Connect.
 *
 * @module
 */
import { cannot } from "../../src/errors.ts";
import type { DenoKvStore } from "../deno_kv.ts";
import type { Kv } from "../deno_kv/kv.ts";
import { createClient, type DriverPackage, exportsOf, runtimeName } from "./drivers.ts";
import { NO_HINTS } from "./late_hints.ts";
import { type Connection, DEFAULT_LIMIT_MS, defined, OPEN, type Scheme } from "./scheme.ts";
import { sharedAttempt } from "./shared_attempt.ts";
import { withinLimit } from "./time_limit.ts";

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

/** What opens the database, and the store in it. */
interface LazyKvOptions {
  readonly openKv: () => Promise<OwnKv>;
  readonly storeOn: (kv: Kv) => DenoKvStore;
  /** How long an attempt to open the database may take. */
  readonly limitMs: number;
}

/** A database that is opened before the first call, and again before the next one if that fails. */
export class LazyKv {
  readonly #options: LazyKvOptions;
  #opened: { readonly kv: OwnKv; readonly store: DenoKvStore } | undefined;
  #isClosed = false;
  readonly #attempt: () => Promise<void> = sharedAttempt(() => this.#open());

  /** Opens nothing yet. */
  constructor(options: LazyKvOptions) {
    this.#options = options;
  }

  /** Opens the database unless it is open. */
  prepare(): Promise<void> | undefined {
    return this.#opened ? undefined : this.#attempt();
  }

  /** Passes calls on to the store in the database, which must be open. */
  storeFor(watches: boolean): Connection["store"] {
    return {
      read: (key, options) => this.#store().read(key, options),
      write: (key, value, version, options) => this.#store().write(key, value, version, options),
      readMany: (keys, options) => this.#store().readMany(keys, options),
      list: (options) => this.#store().list(options),
      ...(watches && { watch: (key, options) => this.#store().watch?.(key, options) ?? NO_HINTS }),
    };
  }

  /** Closes the database, also one that opens later. */
  close(): void {
    this.#isClosed = true;
    this.#opened?.kv.close();
  }

  #store(): DenoKvStore {
    if (!this.#opened) throw new Error(cannot("use Deno KV", "the database must be open", "not open"));
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
      kv.close();
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
    const limitMs = address.timeoutMs ?? DEFAULT_LIMIT_MS;
    const kv = new LazyKv({
      openKv: () => openKv(address.path || undefined),
      storeOn: (open) => new DenoKvStore({ kv: open, watch: watches, ...options }),
      limitMs,
    });
    return { store: kv.storeFor(watches), prepare: () => kv.prepare(), limitMs, close: () => kv.close() };
  },
};

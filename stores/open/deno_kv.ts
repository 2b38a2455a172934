/**
 * `deno-kv:`, a file, a database in memory or one over KV Connect.
 *
 * @module
 */
import type { Kv } from "../deno_kv/kv.ts";
import { createClient, type DriverPackage, exportsOf, runtimeName } from "./drivers.ts";
import { LazyKv } from "./lazy_kv.ts";
import { DEFAULT_LIMIT_MS, defined, OPEN, type Scheme } from "./scheme.ts";

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

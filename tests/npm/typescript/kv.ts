/** The store takes a database that `@deno/kv` opens. */
import { openKv } from "@deno/kv";
import { DenoKvStore } from "@neat/periodic-task/stores/deno-kv";

/** A store in a database in memory. */
export async function open(): Promise<DenoKvStore> {
  return new DenoKvStore({ kv: await openKv(":memory:") });
}

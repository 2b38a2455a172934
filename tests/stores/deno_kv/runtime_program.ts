// To be bundled for Node and Bun, which find @deno/kv beside the bundle: <runtime> BUNDLE FILE
//
// Runs the checks of stores on a file, with a connection for each client, and has four connections count together. Prints a
// line for each, and fails if one has failed.

import { makeLimitedV8Serializer, openKv } from "@deno/kv";
import process from "node:process";
import { DenoKvStore, type Kv } from "../../../stores/deno_kv.ts";
import { storeChecks } from "../../../src/testing/mod.ts";

const path = process.argv[2] ?? "kv.sqlite3";
const connections = new Map<unknown, { close(): void }>();
let locked = 0;

/** Opens a connection of its own, which counts how often the database is locked. */
async function open(): Promise<DenoKvStore> {
  const kv = await openKv(path, makeLimitedV8Serializer());
  const counted: Kv = {
    get: (key, options) => kv.get(key, options),
    atomic: () => {
      const operation = kv.atomic();
      const commit = operation.commit.bind(operation);
      operation.commit = () =>
        commit().catch((error) => {
          if (`${error.message}`.startsWith("database is locked")) locked++;
          throw error;
        });
      return operation;
    },
  };
  const store = new DenoKvStore({ kv: counted });
  connections.set(store, kv);
  return store;
}

const close = (store: unknown): void => connections.get(store)?.close();

const COUNTERS = 4;
const INCREMENTS = 50;

async function count(store: DenoKvStore): Promise<void> {
  for (let made = 0; made < INCREMENTS;) {
    const entry = await store.read("count");
    const next = Number(new TextDecoder().decode(entry?.value)) + 1;
    if (await store.write("count", new TextEncoder().encode(String(next)), entry?.version ?? null)) made++;
  }
}

async function countTogether(): Promise<void> {
  const stores = await Promise.all(Array.from({ length: COUNTERS }, open));
  locked = 0;
  await Promise.all(stores.map(count));
  const entry = await stores[0]!.read("count");
  stores.forEach(close);
  const total = Number(new TextDecoder().decode(entry?.value));
  if (total !== COUNTERS * INCREMENTS) throw new Error(`the count is ${total}`);
  if (locked === 0) throw new Error("the database was never locked");
  if (entry?.value.constructor !== Uint8Array) throw new Error(`the value is a ${entry?.value.constructor.name}`);
}

const checks = storeChecks({ open, close, maxKeyBytes: 2_000, raceRounds: 20 }).filter(({ skipped }) => !skipped);
const together = {
  name: `${COUNTERS} connections lose no increment, although it is locked now and then`,
  run: countTogether,
};
for (const { name, run } of [...checks, together]) {
  try {
    await run();
    console.log(`ok: ${name}`);
  } catch (error) {
    console.log(`failed: ${name}: ${error}`);
    process.exitCode = 1;
  }
}
console.log("done");

// A program to bundle for Node and Bun, with @deno/kv installed beside the bundle: <runtime> BUNDLE FILE
//
// Runs the store checks on FILE, with a connection for each client, and lets four connections count together. Prints a line for
// each check, and fails if one fails.

import { makeLimitedV8Serializer, openKv } from "@deno/kv";
import process from "node:process";
import { storeChecks } from "../../../src/testing/mod.ts";
import { DenoKvStore } from "../../../stores/deno_kv.ts";
import { runChecks } from "../helpers/run_checks.ts";
import { countLocks } from "./counted_locks.ts";

const path = process.argv[2] ?? "kv.sqlite3";
const connections = new Map<unknown, { close(): void }>();
let locked = 0;

/** Opens a connection. */
async function open(): Promise<DenoKvStore> {
  const kv = await openKv(path, makeLimitedV8Serializer());
  const store = new DenoKvStore({ kv: countLocks(kv, () => locked++) });
  connections.set(store, kv);
  return store;
}

function close(store: unknown): void {
  connections.get(store)?.close();
}

const COUNTERS = 4;
const INCREMENTS = 50;

async function count(store: DenoKvStore): Promise<void> {
  for (let written = 0; written < INCREMENTS;) {
    const entry = await store.read("count");
    const next = Number(new TextDecoder().decode(entry?.value)) + 1;
    const version = await store.write("count", new TextEncoder().encode(String(next)), entry?.version ?? null);
    if (version !== null) written++;
  }
}

async function countTogether(): Promise<void> {
  const stores = await Promise.all(Array.from({ length: COUNTERS }, open));
  locked = 0;
  await Promise.all(stores.map(count));
  const reader = await open();
  const entry = await reader.read("count");
  [...stores, reader].forEach(close);
  const total = Number(new TextDecoder().decode(entry?.value));
  if (total !== COUNTERS * INCREMENTS) throw new Error(`the count is ${total}`);
  if (locked === 0) throw new Error("the database was never locked");
  if (entry?.value.constructor !== Uint8Array) throw new Error(`the value is a ${entry?.value.constructor.name}`);
}

const storeChecksToRun = storeChecks({ open, close, maxKeyBytes: 2_000, raceRounds: 20 }).filter(({ skipped }) =>
  !skipped
);
const countCheck = { name: `${COUNTERS} connections that count in one file lose no increment`, run: countTogether };
await runChecks([...storeChecksToRun, countCheck]);

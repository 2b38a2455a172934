// A program to bundle for Node and Bun, with the packages of NATS installed beside the bundle: <runtime> BUNDLE SERVER
//
// Runs the store checks on a server of NATS. Prints a line for each check, and fails if one fails.

import { Kvm } from "@nats-io/kv";
import { connect, type NatsConnection } from "@nats-io/transport-node";
import process from "node:process";
import { storeChecks } from "../../../src/testing/mod.ts";
import type { StatusStore } from "../../../src/store/store.ts";
import { type NatsKv, NatsStore } from "../../../stores/nats.ts";
import { runChecks } from "../helpers/run_checks.ts";

const [servers = ""] = process.argv.slice(2);
const opened = new Map<StatusStore, NatsConnection>();

async function open(): Promise<NatsStore> {
  const connection = await connect({ servers });
  const kv = await new Kvm(connection).create("tasks", { history: 1, allow_direct: false });
  const store = new NatsStore({ kv });
  opened.set(store, connection);
  return store;
}

/** A bucket that never answers, or answers each call with an error. */
function bucketOf(call: () => Promise<never>): NatsKv {
  return { get: call, create: call, update: call, keys: call, status: call, watch: call };
}

await runChecks(storeChecks({
  open,
  close: (store) => opened.get(store)?.close(),
  openHung: (requestTimeout) => new NatsStore({ kv: bucketOf(() => new Promise(() => {})), requestTimeout }),
  openFailing: () => new NatsStore({ kv: bucketOf(() => Promise.reject(new Error("503"))) }),
  maxKeyBytes: 2_000,
  raceRounds: 20,
}));

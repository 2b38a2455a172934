// A program to bundle for Node and Bun, with ioredis and redis installed beside the bundle: <runtime> BUNDLE PORT HUNG_PORT
//
// Runs the store checks on a server with each driver that the runtime has. Prints a line for each check, and fails if one fails.

import { Redis } from "ioredis";
import process from "node:process";
import { createClient } from "redis";
import { storeChecks } from "../../../src/testing/mod.ts";
import { type BunRedisClient, type RedisClient, RedisStore } from "../../../stores/redis.ts";
import { runChecks } from "../helpers/run_checks.ts";

const [port = "", hungPort = ""] = process.argv.slice(2);

/** The client of a driver, and how it is closed. */
type Opened = readonly [RedisClient, () => unknown];

function openIoredis(port: number): Opened {
  const client = new Redis(port, "127.0.0.1");
  client.on("error", () => {});
  return [client, () => client.disconnect()];
}

function openNodeRedis(port: number): Opened {
  const client = createClient({ url: `redis://127.0.0.1:${port}` });
  client.on("error", () => {});
  client.connect().catch(() => {});
  return [client, () => client.destroy()];
}

interface BunGlobal {
  readonly RedisClient: new (url: string) => BunRedisClient;
}

const bun = (globalThis as { readonly Bun?: BunGlobal })["Bun"];

function openBun(port: number): Opened {
  if (!bun) throw new Error("this is not Bun");
  const client = new bun.RedisClient(`redis://127.0.0.1:${port}`);
  return [client, () => client.close?.()];
}

const DRIVERS: Readonly<Record<string, (port: number) => Opened>> = {
  ioredis: openIoredis,
  redis: openNodeRedis,
  ...(bun ? { "Bun.RedisClient": openBun } : {}),
};

const closes = new Map<unknown, () => unknown>();

function checksOf(name: string, connect: (port: number) => Opened): { name: string; run: () => Promise<void> }[] {
  const open = (port: number, requestTimeout = 8_000): RedisStore => {
    const [client, close] = connect(port);
    const store = new RedisStore({ client, requestTimeout });
    closes.set(store, close);
    return store;
  };
  const checks = storeChecks({
    open: () => open(Number(port)),
    close: (store) => closes.get(store)?.(),
    openHung: (limitMs) => open(Number(hungPort), limitMs),
    // nothing listens there
    openFailing: () => open(9, 300),
    maxKeyBytes: 2_000,
    raceRounds: 20,
  });
  return checks.filter(({ skipped }) => !skipped).map(({ name: check, run }) => ({ name: `${name}: ${check}`, run }));
}

await runChecks(Object.entries(DRIVERS).flatMap(([name, connect]) => checksOf(name, connect)));
// drivers keep timers for connections that were never made
process.exit();

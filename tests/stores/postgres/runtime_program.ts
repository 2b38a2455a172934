// A program to bundle for Node and Bun, with the drivers installed beside the bundle: <runtime> BUNDLE URL HUNG_URL
//
// Runs the store checks and some faults with each driver of the runtime. Nothing answers at HUNG_URL. Prints a line for each check, and
// fails if one fails.

import process from "node:process";
import pg from "pg";
import { storeChecks } from "../../../src/testing/mod.ts";
import { PostgresStore } from "../../../stores/postgres.ts";
import { runChecks } from "../helpers/run_checks.ts";
import { driversHere, type OpenedClient } from "./clients.ts";

const [url = "", hungUrl = ""] = process.argv.slice(2);
const RECORD = new TextEncoder().encode("{}");
/** Clients of a server that hangs. Not every driver can close them. */
const hung: OpenedClient[] = [];

process.on("unhandledRejection", (error) => {
  console.log(`failed: an unhandled rejection: ${error}`);
  process.exitCode = 1;
});

/** Runs statements in one transaction of another client, and what is to happen meanwhile. */
async function inTransaction(texts: readonly string[], meanwhile: () => Promise<void>): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query("BEGIN");
    for (const text of texts) await client.query(text);
    await meanwhile();
    await client.query("COMMIT");
  } finally {
    await client.end();
  }
}

async function messageOf(call: Promise<unknown>): Promise<string> {
  return await call.then((result) => `no error but ${result}`, (error) => `${error.message}`);
}

function mustInclude(text: string, ...parts: string[]): void {
  if (!parts.some((part) => text.includes(part))) throw new Error(`none of ${JSON.stringify(parts)} is in "${text}"`);
}

const LIMIT = "did not answer within requestTimeout";

/** The checks of one driver. */
function checksOf(
  driver: string,
  open: (url: string, options: { max?: number }) => Promise<OpenedClient>,
): { name: string; run: () => Promise<void> }[] {
  const clients = new Map<unknown, OpenedClient>();
  const openStore = async (options: { watch?: boolean; requestTimeout?: number } = {}): Promise<PostgresStore> => {
    const opened = await open(url, {});
    const store = new PostgresStore({ client: opened.client, ...options });
    await store.createTable();
    clients.set(store, opened);
    return store;
  };
  const close = async (store: unknown): Promise<void> => void await clients.get(store)?.close();
  const hasPool = driver !== "pg Client";
  const checks = storeChecks({
    open: () => openStore({ watch: true }),
    close,
    ...hasPool && {
      openHung: async (requestTimeout: number) => {
        const opened = await open(hungUrl, {});
        hung.push(opened);
        return new PostgresStore({ client: opened.client, requestTimeout });
      },
    },
    maxKeyBytes: 2_600,
    raceRounds: 5,
  }).filter(({ skipped }) => !skipped);
  const lockedWrite = async (): Promise<void> => {
    const [patient, store] = [await openStore(), await openStore({ requestTimeout: 300 })];
    const version = await patient.write(driver, RECORD, null);
    await inTransaction([`SELECT FROM neat_periodic_task WHERE name = '${driver}' FOR UPDATE`], async () => {
      mustInclude(await messageOf(store.write(driver, RECORD, version)), LIMIT, "has locked the record");
      const controller = new AbortController();
      setTimeout(() => controller.abort(new Error("enough")), 50);
      mustInclude(await messageOf(store.write(driver, RECORD, version, controller)), "enough");
    });
    await new Promise((resolve) => setTimeout(resolve, 500));
    if (!await patient.read(driver)) throw new Error("there is no record");
    await Promise.all([close(store), close(patient)]);
  };
  const endedConnections = async (): Promise<void> => {
    const store = await openStore();
    await store.read(driver);
    await inTransaction(
      ["SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = current_database()"],
      () => Promise.resolve(),
    );
    // the client may notice the end with the first call
    await messageOf(store.read(driver));
    await store.read(driver);
    await close(store);
  };
  const exhausted = async (): Promise<void> => {
    const opened = await open(url, { max: 1 });
    const store = new PostgresStore({ client: opened.client, requestTimeout: 200 });
    const { reserve, connect } = opened.client as unknown as Record<
      "reserve" | "connect",
      () => Promise<{ release(): void }>
    >;
    const held = await (reserve ?? connect).call(opened.client);
    mustInclude(await messageOf(store.write("exhausted", RECORD, null)), LIMIT);
    held.release();
    if (await store.read("exhausted")) throw new Error("a write that had ended was sent");
    await opened.close();
  };
  const others = [
    { name: "a write that waits for a lock ends", run: lockedWrite },
    // reserve() of Postgres.js never answers here, as it fetches no types
    ...hasPool && driver !== "postgres" ? [{ name: "a call ends if the pool is exhausted", run: exhausted }] : [],
    ...hasPool ? [{ name: "calls work after all connections have ended", run: endedConnections }] : [],
  ];
  return [...checks, ...others].map(({ name, run }) => ({ name: `${driver}: ${name}`, run }));
}

await runChecks(Object.entries(driversHere()).flatMap(([driver, open]) => checksOf(driver, open)));
// connections to the server that hangs would keep the process alive
process.exit();

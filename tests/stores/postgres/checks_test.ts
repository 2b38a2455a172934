// The store checks, on PGlite, and with each driver on a real server, also behind PgBouncer.

import { PGlite } from "@electric-sql/pglite";
import { PostgresStore } from "@neat/periodic-task/stores/postgres";
import { storeChecks, type StoreChecksOptions } from "@neat/periodic-task/testing";
import { startPgBouncer } from "../../../internal/servers/pgbouncer.ts";
import { forRequests, TcpProxy } from "../../../internal/servers/tcp_proxy.ts";
import { type ClientOptions, DRIVERS, type OpenedClient } from "./clients.ts";
import { serverTest, skipped, urlWith } from "./server.ts";

const isThorough = skipped === undefined;

/** Opens stores, and closes their clients. */
class Clients {
  readonly #open: (url: string, options: ClientOptions) => Promise<OpenedClient>;
  readonly #closers = new Map<unknown, () => Promise<unknown>>();

  constructor(open: (url: string, options: ClientOptions) => Promise<OpenedClient>) {
    this.#open = open;
  }

  async open(url: string, options: { watch?: boolean; requestTimeout?: number } = {}): Promise<PostgresStore> {
    const { client, close } = await this.#open(url, {});
    const store = new PostgresStore({ client, ...options });
    this.#closers.set(store, close);
    return store;
  }

  async close(store: unknown): Promise<void> {
    await this.#closers.get(store)?.();
  }
}

async function check(t: Deno.TestContext, options: StoreChecksOptions): Promise<void> {
  const report = isThorough ? (line: string) => console.log(line) : undefined;
  for (const { name, run, skipped } of storeChecks({ maxKeyBytes: 2_600, report, ...options })) {
    await t.step({ name, ignore: skipped !== undefined, fn: run });
  }
}

Deno.test("PGlite passes the store checks", async (t) => {
  const db = new PGlite();
  // takes longer than a call may on a busy machine
  await db.waitReady;
  const store = new PostgresStore({ client: db, watch: true });
  await store.createTable();
  await check(t, { open: () => store, raceRounds: 10 });
  await db.close();
});

serverTest("each driver passes the store checks on a server", async (t, server) => {
  const url = await server.createDatabase("checks");
  for (const [driver, open] of Object.entries(DRIVERS)) {
    await t.step(driver, async (t) => {
      await using hung = new TcpProxy(server.port);
      const clients = new Clients(open);
      const options: StoreChecksOptions = {
        open: async () => {
          const store = await clients.open(url, { watch: true });
          await store.createTable();
          return store;
        },
        close: (store) => clients.close(store),
        openFailing: () => clients.open(urlWith(url, { user: "nobody" })),
        openHung: async (requestTimeout) => {
          hung.rule = undefined;
          const store = await clients.open(urlWith(url, { port: hung.port }), { requestTimeout });
          hung.rule = forRequests(() => "hold");
          return store;
        },
        raceRounds: 100,
      };
      // a Client that can't connect is no client
      const { openFailing: _, ...others } = options;
      await check(t, driver === "pg Client" ? others : options);
    });
  }
});

serverTest("each driver passes the store checks behind PgBouncer in transaction mode", async (t, server) => {
  await server.createDatabase("checks");
  const bouncer = await startPgBouncer(server);
  if ("reason" in bouncer) return console.log(`skipped: ${bouncer.reason}`);
  await using _ = bouncer;
  for (const [driver, open] of Object.entries(DRIVERS)) {
    await t.step(driver, async (t) => {
      const clients = new Clients(open);
      await check(t, {
        open: async () => {
          const store = await clients.open(bouncer.url("checks"));
          await store.createTable();
          return store;
        },
        close: (store) => clients.close(store),
        raceRounds: 30,
      });
    });
  }
});

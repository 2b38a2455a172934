// The store checks on a member of etcd, with and without authentication, and races of two clients.

import { assert, assertEquals } from "@std/assert";
import { openStore } from "@neat/periodic-task/stores/open";
import { storeChecks } from "@neat/periodic-task/testing";
import { enableAuth, type Etcd } from "../../../internal/servers/etcd.ts";
import { startHungServer } from "../../../internal/servers/hung_server.ts";
import { checkStore, EtcdStore, type EtcdStoreOptions } from "../../../stores/etcd.ts";
import { serverTest } from "./server.ts";

/** Runs all checks as steps. */
async function check(t: Deno.TestContext, options: EtcdStoreOptions): Promise<void> {
  using hung = startHungServer();
  const closed = "http://127.0.0.1:1";
  const checks = storeChecks({
    open: () => new EtcdStore(options),
    openHung: (requestTimeout) => new EtcdStore({ endpoint: `http://127.0.0.1:${hung.port}`, requestTimeout }),
    openFailing: () => new EtcdStore({ endpoint: closed, requestTimeout: 300 }),
    maxKeyBytes: 2_000,
    raceRounds: 100,
    report: (line) => console.log(line),
  });
  for (const { name, run, skipped } of checks) await t.step({ name, ignore: skipped !== undefined, fn: run });
}

serverTest("etcd passes the store checks", async (t, etcd) => {
  console.log(`etcd ${etcd.version}`);
  await checkStore(new EtcdStore({ endpoint: etcd.url }), { list: true, watch: true });
  await check(t, { endpoint: etcd.url });
});

serverTest("etcd with an empty prefix passes checkStore()", async (_t, etcd) => {
  await checkStore(new EtcdStore({ endpoint: etcd.url, prefix: "" }), { list: true, watch: true });
});

serverTest("etcd with authentication passes the store checks", async (t, etcd) => {
  const user = { user: "tasks", password: 'p@ss "word"/ü' };
  await enableAuth(etcd, { ...user, prefix: "neat-periodic-task/" });
  await check(t, { endpoint: etcd.url, ...user });
});

/** Lets two clients write again and again on what they have read. Returns the number of writes that succeeded. */
async function race(etcd: Etcd, rounds: number): Promise<void> {
  const clients = [1, 2].map(() => new EtcdStore({ endpoint: etcd.url }));
  let version: string | null = null;
  for (let round = 0; round < rounds; round++) {
    const write = (by: number): Promise<string | null> | undefined =>
      clients[by]?.write("raced", new TextEncoder().encode(`${round} by ${by}`), version);
    const results = await Promise.all([write(0), write(1)]);
    const winners = results.flatMap((written, by) => typeof written === "string" ? { written, by } : []);
    assertEquals(winners.length, 1, `round ${round}`);
    const entry = await clients[0]?.read("raced");
    assert(entry);
    assertEquals(new TextDecoder().decode(entry.value), `${round} by ${winners[0]?.by}`);
    assertEquals(entry.version, winners[0]?.written);
    version = entry.version;
  }
}

serverTest("of two clients that write at once, exactly one wins, 300 times", async (_t, etcd) => {
  await race(etcd, 300);
});

serverTest("openStore() opens etcd by its URL", async (_t, etcd) => {
  await using store = await openStore(`etcd://${new URL(etcd.url).host}/a?timeout=4s`);
  await checkStore(store, { list: true, watch: true });
});

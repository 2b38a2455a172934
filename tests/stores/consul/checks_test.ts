// The store checks on a server of Consul, with and without ACLs, and races of two clients.

import { assert, assertEquals } from "@std/assert";
import { openStore } from "@neat/periodic-task/stores/open";
import { storeChecks } from "@neat/periodic-task/testing";
import { createToken } from "../../../internal/servers/consul.ts";
import { startHungServer } from "../../../internal/servers/hung_server.ts";
import { checkStore, ConsulStore, type ConsulStoreOptions } from "../../../stores/consul.ts";
import { serverTest } from "./server.ts";

/** Runs all checks as steps. */
async function check(t: Deno.TestContext, options: ConsulStoreOptions): Promise<void> {
  using hung = startHungServer();
  const checks = storeChecks({
    open: () => new ConsulStore(options),
    openHung: (requestTimeout) => new ConsulStore({ endpoint: `http://127.0.0.1:${hung.port}`, requestTimeout }),
    openFailing: () => new ConsulStore({ endpoint: "http://127.0.0.1:1", requestTimeout: 300 }),
    maxKeyBytes: 2_000,
    raceRounds: 50,
    report: (line) => console.log(line),
  });
  for (const { name, run, skipped } of checks) await t.step({ name, ignore: skipped !== undefined, fn: run });
}

serverTest("Consul passes the store checks", async (t, { url, version }) => {
  console.log(`Consul ${version}`);
  await checkStore(new ConsulStore({ endpoint: url }), { list: true, watch: true });
  await check(t, { endpoint: url });
});

serverTest("Consul with an empty prefix passes checkStore()", async (_t, { url }) => {
  await checkStore(new ConsulStore({ endpoint: url, prefix: "" }), { list: true, watch: true });
});

serverTest("Consul with ACLs passes the store checks", async (t, consul) => {
  const { token } = await createToken(consul, "neat-periodic-task/");
  await check(t, { endpoint: consul.url, token });
}, { hasAcl: true });

serverTest("of two clients that write at once, exactly one wins, 300 times", async (_t, { url }) => {
  const clients = [1, 2].map(() => new ConsulStore({ endpoint: url }));
  let version: string | null = null;
  for (let round = 0; round < 300; round++) {
    const base = version;
    const results = await Promise.all(
      clients.map((client, by) => client.write("raced", new TextEncoder().encode(`${round} by ${by}`), base)),
    );
    const winners = results.flatMap((written, by) => written === null ? [] : [{ written, by }]);
    assertEquals(winners.length, 1, `round ${round}`);
    const entry = await clients[0]?.read("raced");
    assert(entry);
    const found = { value: new TextDecoder().decode(entry.value), version: entry.version };
    assertEquals(found, { value: `${round} by ${winners[0]?.by}`, version: winners[0]?.written });
    version = entry.version;
  }
});

serverTest("openStore() opens Consul by its URL", async (_t, { url }) => {
  await using store = await openStore(`consul://${new URL(url).host}/a?timeout=4s`);
  await checkStore(store, { list: true, watch: true });
});

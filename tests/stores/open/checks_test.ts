// The store checks of stores that are opened by URLs, with the drivers that deno.json names, and fakes of services.

import { type OpenedStore, openStore } from "@neat/periodic-task/stores/open";
import { MemoryStore } from "@neat/periodic-task";
import { storeChecks } from "@neat/periodic-task/testing";
import { assertEquals, assertRejects } from "@std/assert";
import { environment } from "../helpers/globals.ts";
import { inTempFolder } from "../../helpers/runtimes.ts";
import type { StoreCase } from "./cases.ts";
import { DatabaseServers, FAKE_S3_ENVIRONMENT, localCases, Services } from "./servers.ts";

const isThorough = Deno.env.get("NEAT_TEST_STORES") === "1";

async function check(t: Deno.TestContext, { name, url, hung, limits }: StoreCase, raceRounds: number): Promise<void> {
  await t.step(name, async (t) => {
    const checks = storeChecks({
      open: () => openStore(url),
      ...(hung !== undefined && { openHung: (limitMs) => openStore(`${hung}timeout=${limitMs}ms`) }),
      close: (store) => (store as OpenedStore).close(),
      raceRounds,
      ...limits,
    });
    for (const { name, run, skipped } of checks) await t.step({ name, ignore: skipped !== undefined, fn: run });
  });
}

Deno.test("services that need no driver pass the store checks", async (t) => {
  using _ = environment(FAKE_S3_ENVIRONMENT);
  await using services = new Services();
  for (const each of services.fakes()) await check(t, each, 5);
});

Deno.test("memory: is a store of its own each time", async () => {
  await using one = await openStore("memory:");
  await using other = await openStore("memory:");
  assertEquals(typeof one.watch, typeof new MemoryStore().watch);
  await one.write("task", new TextEncoder().encode("{}"), null);
  assertEquals(await other.read("task"), null);
});

/** Drivers close their sockets some time after their end. */
function serverTest(name: string, fn: (t: Deno.TestContext) => Promise<void>): void {
  const why = isThorough ? "" : " (skipped: `deno task test:stores` runs it)";
  Deno.test({ name: name + why, ignore: !isThorough, fn, sanitizeOps: false, sanitizeResources: false });
}

serverTest("servers and files pass the store checks", async (t) => {
  await using servers = await DatabaseServers.start();
  if (servers.missing.length > 0) console.log(`skipped: ${servers.missing.join(", ")}`);
  for (const each of await servers.cases("checks")) await check(t, each, 50);
  await inTempFolder(async (folder) => {
    for (const each of localCases(folder, "checks")) await check(t, each, 20);
  });
});

serverTest("services on this machine pass the store checks", async (t) => {
  await using services = new Services();
  for (const each of await services.fakeGcsServer()) await check(t, each, 20);
  const gateway = await services.versityGateway();
  if (!gateway) return console.log("versitygw is skipped, as there is none");
  const [each, variables] = gateway;
  using _ = environment(variables);
  await check(t, each, 20);
});

serverTest("a server that is away when its store is opened is used when it is there", async () => {
  await using servers = await DatabaseServers.start();
  const cases = await servers.cases("later");
  await servers.stop();
  const stores = await Promise.all(cases.map(({ url }) => openStore(`${url}`.replace("timeout=8s", "timeout=500ms"))));
  for (const store of stores) await assertRejects(() => store.read("task"), Error);
  await servers.start();
  for (const store of stores) {
    const ready = async (): Promise<void> => {
      await store.read("task").catch(() => new Promise((resolve) => setTimeout(resolve, 100)).then(ready));
    };
    await ready();
    assertEquals(typeof await store.write("task", new TextEncoder().encode("{}"), null), "string");
    await store.close();
  }
});

serverTest("createTable=false leaves the database as it is", async () => {
  await using servers = await DatabaseServers.start();
  for (const { name, url } of await servers.cases("without_table")) {
    if (name === "redis") continue;
    await using without = await openStore(`${url}&createTable=false`);
    const error = await assertRejects(() => without.read("task"), Error);
    assertEquals(/table/.test(error.message), true, error.message);
    await using store = await openStore(url);
    assertEquals(await store.read("task"), null);
    assertEquals(await without.read("task"), null);
  }
});

serverTest("a wrong password is an error of each call, and is not shown", async () => {
  await using servers = await DatabaseServers.start();
  for (const { name, url } of await servers.cases("passwords")) {
    const wrong = new URL(url);
    wrong.password = "a-secret";
    // its server asks nobody for a password
    if (name === "postgres") wrong.username = "nobody";
    await using store = await openStore(wrong);
    for (let call = 0; call < 2; call++) {
      const error = await assertRejects(() => store.read("task"), Error);
      assertEquals(Deno.inspect(error).includes("a-secret"), false, `${name}: ${Deno.inspect(error)}`);
    }
  }
});

// The store checks, against fakes on a port and, if the environment names them, Google's emulators.

import { storeChecks, type StoreChecksOptions } from "@neat/periodic-task/testing";
import { assertEquals } from "@std/assert";
import type { StatusStore } from "../../../mod.ts";
import { FaultServer } from "../../helpers/fault_server.ts";
import { errorOf } from "../helpers/errors.ts";
import { type DatabaseKind, DATASTORE, KINDS, type Options, RECORD } from "./setup.ts";

const isThorough = Deno.env.get("NEAT_TEST_STORES") === "1";

/** Creates a client of a service at an address. */
function open(kind: DatabaseKind, apiEndpoint: string, options: Options = {}): StatusStore {
  return kind.open({ projectId: "project", apiEndpoint, ...options });
}

/** Runs all checks as steps. */
async function check(t: Deno.TestContext, kind: DatabaseKind, options: Partial<StoreChecksOptions>): Promise<void> {
  const hungService = kind.make();
  hungService.script = () => ({ ends: "never" });
  await using hungServer = new FaultServer(hungService);
  const failingService = kind.make();
  failingService.script = () => ({ reply: { status: 503 } });
  await using failingServer = new FaultServer(failingService);
  const checks = storeChecks({
    open: () => kind.open({ projectId: "project" }),
    openHung: (requestTimeout) => open(kind, hungServer.url, { requestTimeout }),
    openFailing: () => open(kind, failingServer.url, { requestTimeout: 300 }),
    maxKeyBytes: 1_500,
    equalBodiesMayShareVersions: true,
    ...(isThorough ? {} : { raceRounds: 20 }),
    report: (line) => console.log(line),
    ...options,
  });
  for (const { name, run, skipped } of checks) await t.step({ name, ignore: skipped !== undefined, fn: run });
}

for (const kind of KINDS) {
  const { service, emulatorVariable } = kind;

  Deno.test(`the fake of ${service} passes the store checks`, async (t) => {
    await using server = new FaultServer(kind.make());
    await check(t, kind, { open: () => open(kind, server.url) });
  });

  Deno.test({
    name: `the ${service} of ${emulatorVariable} passes the store checks`,
    ignore: Deno.env.get(emulatorVariable) === undefined,
    fn: (t) => check(t, kind, {}),
  });

  Deno.test(`${service}: a call ends at its time limit if the body stalls, and the next call succeeds`, async () => {
    const fake = kind.make();
    await using server = new FaultServer(fake);
    const store = open(kind, server.url, { requestTimeout: 200 });
    assertEquals(typeof await store.write("task", RECORD, null), "string");
    fake.script = () => ({ ends: "stalled" });
    await errorOf(store.read("task"));
    fake.script = () => undefined;
    assertEquals((await store.read("task"))?.value, RECORD);
  });
}

Deno.test("storeTime is read over a network", async () => {
  const fake = DATASTORE.make();
  await using server = new FaultServer(fake);
  const store = open(DATASTORE, server.url);
  await store.write("task", RECORD, null);
  fake.nowMs = () => 1_801_000_000_123;
  assertEquals((await store.read("task"))?.storeTime, 1_801_000_000_123);
});

// The store checks, against the fake on a port and, if it is installed, fsouza/fake-gcs-server.

import { storeChecks, type StoreChecksOptions } from "@neat/periodic-task/testing";
import { assertEquals } from "@std/assert";
import { GcsStore, type GcsStoreOptions } from "../../../stores/gcs.ts";
import { FakeGcs } from "../../../internal/servers/fake_gcs.ts";
import { startFakeGcsServer } from "../../../internal/servers/fake_gcs_server.ts";
import { FaultServer } from "../../../internal/servers/fault_server.ts";

const isThorough = Deno.env.get("NEAT_TEST_STORES") === "1";
const binary = Deno.env.get("NEAT_FAKE_GCS_SERVER");

/** Creates a client of a service at an address. */
function open(apiEndpoint: string, options: Partial<GcsStoreOptions> = {}): GcsStore {
  return new GcsStore({ bucket: "bucket", apiEndpoint, ...options });
}

/** Reads 60 records again and again, while some of them are written. */
async function readChanged(url: string): Promise<void> {
  const lists: string[] = [];
  const reads: string[] = [];
  const store = open(url, {
    prefix: "changed/",
    token: () => "token",
    fetch: (input, init) => {
      const target = String(input);
      if (init?.method === "GET") (target.includes("maxResults") ? lists : reads).push(target);
      return fetch(target, init);
    },
  });
  const keys = Array.from({ length: 60 }, (_, index) => `task-${index}`);
  const record = (text: string): Uint8Array => new TextEncoder().encode(text);
  for (const key of keys) await store.write(key, record(key), null);
  const [first] = [await store.readMany(keys), reads.splice(0)];
  const changed = await store.write("task-7", record("changed"), first[7]?.version ?? null);
  const second = await store.readMany([...keys, "none"]);
  assertEquals([lists.length, reads.length], [1, 1]);
  assertEquals([second[7]?.version, second[60]], [changed ?? undefined, null]);
  assertEquals(second.map((entry) => new TextDecoder().decode(entry?.value)), [
    ...keys.map((key) => key === "task-7" ? "changed" : key),
    "",
  ]);
  for (const [index, entry] of first.entries()) if (index !== 7) assertEquals(second[index]?.version, entry?.version);
}

/** Runs all checks as steps. */
async function check(t: Deno.TestContext, apiEndpoint: string, options: Partial<StoreChecksOptions>): Promise<void> {
  const hungService = new FakeGcs();
  hungService.script = () => ({ ends: "never" });
  await using hungServer = new FaultServer(hungService);
  const failingService = new FakeGcs();
  failingService.script = () => ({ reply: { status: 503 } });
  await using failingServer = new FaultServer(failingService);
  const checks = storeChecks({
    open: () => open(apiEndpoint),
    openHung: (requestTimeout) => open(hungServer.url, { requestTimeout }),
    openFailing: () => open(failingServer.url, { requestTimeout: 300 }),
    maxKeyBytes: 1_024 - "neat-periodic-task/".length,
    report: isThorough ? (line) => console.log(line) : undefined,
    ...options,
  });
  for (const { name, run, skipped } of checks) await t.step({ name, ignore: skipped !== undefined, fn: run });
}

Deno.test("the fake of Cloud Storage passes the store checks", async (t) => {
  await using server = new FaultServer(new FakeGcs());
  await check(t, server.url, isThorough ? {} : { raceRounds: 20 });
});

const missing = !isThorough ? "`deno task test:stores` starts it" : binary ? "" : "there is none on this machine";

Deno.test({
  name: `fake-gcs-server passes the store checks${missing && ` (skipped: ${missing})`}`,
  ignore: missing !== "",
  fn: async (t) => {
    await using server = await startFakeGcsServer(binary ?? "");
    await check(t, server.url, {});
    await t.step("readMany() reads what a list shows as changed", () => readChanged(server.url));
  },
});

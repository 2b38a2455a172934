// The store checks, against the fake on a port and, if it is installed, fsouza/fake-gcs-server.

import { storeChecks, type StoreChecksOptions } from "@neat/periodic-task/testing";
import { GcsStore, type GcsStoreOptions } from "../../../stores/gcs.ts";
import { FakeGcs } from "../../helpers/fake_gcs.ts";
import { startFakeGcsServer } from "../../helpers/fake_gcs_server.ts";
import { FaultServer } from "../../helpers/fault_server.ts";

const isThorough = Deno.env.get("NEAT_TEST_STORES") === "1";
const binary = Deno.env.get("NEAT_FAKE_GCS_SERVER");

/** Creates a client of a service at an address. */
function open(apiEndpoint: string, options: Partial<GcsStoreOptions> = {}): GcsStore {
  return new GcsStore({ bucket: "bucket", apiEndpoint, ...options });
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
  },
});

// The store checks, against the fake on a port and, if it can be built, versitygw.

import { assertEquals, assertRejects } from "@std/assert";
import { storeChecks, type StoreChecksOptions } from "@neat/periodic-task/testing";
import { FakeS3 } from "../../../internal/servers/fake_s3.ts";
import { FaultServer } from "../../../internal/servers/fault_server.ts";
import { startVersityGateway } from "../../../internal/servers/versitygw.ts";
import { checkStore, S3Store, type S3StoreOptions, StoreCheckError } from "../../../stores/s3.ts";
import { FAKE_KEYS, setUp, storeOn } from "./setup.ts";

const isThorough = Deno.env.get("NEAT_TEST_STORES") === "1";
const binary = Deno.env.get("NEAT_VERSITYGW");
const PREFIX = "neat-periodic-task/";

/** Creates a client of a service at an address. */
function open(endpoint: string, options: Partial<S3StoreOptions> = {}): S3Store {
  return new S3Store({ bucket: "bucket", region: "us-east-1", endpoint, credentials: FAKE_KEYS, ...options });
}

/** Runs all checks as steps. */
async function check(t: Deno.TestContext, options: Pick<StoreChecksOptions, "open"> & Partial<StoreChecksOptions>) {
  const hungService = new FakeS3();
  hungService.script = () => ({ ends: "never" });
  await using hungServer = new FaultServer(hungService);
  const failingService = new FakeS3();
  failingService.script = () => ({ reply: { status: 503 } });
  await using failingServer = new FaultServer(failingService);
  const checks = storeChecks({
    openHung: (requestTimeout) => open(hungServer.url, { requestTimeout }),
    openFailing: () => open(failingServer.url, { requestTimeout: 300 }),
    // the ETag of a body
    equalBodiesMayShareVersions: true,
    report: isThorough ? (line) => console.log(line) : undefined,
    raceRounds: isThorough ? 200 : 10,
    ...options,
  });
  for (const { name, run, skipped } of checks) await t.step({ name, ignore: skipped !== undefined, fn: run });
}

Deno.test("the fake of S3 passes the store checks", async (t) => {
  await using server = new FaultServer(new FakeS3());
  const maxKeyBytes = 1_024 - PREFIX.length;
  await check(t, { open: () => open(server.url), maxKeyBytes });
});

const missing = !isThorough ? "`deno task test:stores` starts it" : binary ? "" : "there is none on this machine";

Deno.test({
  name: `versitygw passes the store checks${missing && ` (skipped: ${missing})`}`,
  ignore: missing !== "",
  fn: async (t) => {
    await using server = await startVersityGateway(binary ?? "");
    const { credentials } = server;
    await checkStore(open(server.url, { credentials }), { list: true });
    // the longest name of a file
    await check(t, { open: () => open(server.url, { credentials }), maxKeyBytes: 255 });
  },
});

Deno.test("checkStore() accepts a service that honours the conditions", async () => {
  await checkStore(setUp().store, { list: true });
});

for (
  const [what, settings] of [
    ["If-Match", { ignoresIfMatch: true }],
    ["If-None-Match", { ignoresIfNoneMatch: true }],
    ["both conditions", { ignoresIfMatch: true, ignoresIfNoneMatch: true }],
  ] as const
) {
  Deno.test(`checkStore() finds out that a service ignores ${what}, with a record there or without`, async () => {
    for (const isThere of [false, true]) {
      const { service, store } = setUp();
      if (isThere) await checkStore(store);
      Object.assign(service, settings);
      const error = await assertRejects(() => checkStore(storeOn(service)), StoreCheckError);
      const rule = "ignoresIfMatch" in settings
        ? "a version that was replaced"
        : "no version, where there is a record,";
      const expected = `Cannot rely on the store as a write with ${rule} must fail: current value is `;
      assertEquals(error.message.slice(0, expected.length), expected);
    }
  });
}

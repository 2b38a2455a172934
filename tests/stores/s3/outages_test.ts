// The rows of docs/stores/faults.md for S3: a scheduler with each fault during a run, on versitygw, and on a fake of S3 for answers
// that versitygw does not give.

import { S3Store } from "../../../stores/s3.ts";
import { errorBody, FakeS3 } from "../../../internal/servers/fake_s3.ts";
import { FaultServer } from "../../../internal/servers/fault_server.ts";
import type { Fault } from "../../../internal/servers/fault_service.ts";
import { startVersityGateway } from "../../../internal/servers/versitygw.ts";
import { faultTest, type StoreFault, surviveFault } from "../helpers/outage.ts";
import { FAKE_KEYS } from "./setup.ts";

const BUCKET = { bucket: "bucket", region: "us-east-1", requestTimeout: 1_000 };

/** How the service treats the next write of an object, in each row. */
const WRITES: Readonly<Record<string, Fault>> = {
  // the runtime or the store repeats it
  "a connection cut before the commit": { ends: "lost", takesEffect: false },
  // if the runtime repeats it, the store answers that the record has changed, and the scheduler finds its own
  "a connection cut after the commit": { ends: "lost", takesEffect: true },
};

/** How the service treats all requests, in each row. */
const OUTAGES: Readonly<Record<string, { readonly fault: Fault; readonly logs: RegExp }>> = {
  "keys that are refused": { fault: { reply: { status: 403, body: errorBody("InvalidAccessKeyId") } }, logs: /403/ },
  "no permission to write": { fault: { reply: { status: 403, body: errorBody("AccessDenied") } }, logs: /403/ },
  "a missing bucket": { fault: { reply: { status: 404, body: errorBody("NoSuchBucket") } }, logs: /404/ },
  "a full disk": { fault: { reply: { status: 507, body: errorBody("InsufficientStorage") } }, logs: /507/ },
};

faultTest("faults of a fake during a run are logged, the run finishes, and the task is back", async (t) => {
  const service = new FakeS3();
  await using server = new FaultServer(service);
  const store = new S3Store({ ...BUCKET, endpoint: server.url, credentials: FAKE_KEYS });
  for (const [what, fault] of Object.entries(WRITES)) {
    const begin = (): void => {
      let isOver = false;
      service.script = ({ method }) => {
        if (method !== "PUT" || isOver) return undefined;
        isOver = true;
        return fault;
      };
    };
    await t.step(what, () => surviveFault(store, { begin }));
  }
  for (const [what, { fault, logs }] of Object.entries(OUTAGES)) {
    const isWrite = what === "no permission to write" || what === "a full disk";
    await t.step(what, () =>
      surviveFault(store, {
        begin: () => void (service.script = ({ method }) => isWrite && method !== "PUT" ? undefined : fault),
        end: () => void (service.script = () => undefined),
        logs,
      }));
  }
});

const isThorough = Deno.env.get("NEAT_TEST_STORES") === "1";
const binary = Deno.env.get("NEAT_VERSITYGW");
const missing = !isThorough ? "`deno task test:stores` starts it" : binary ? "" : "there is no versitygw";

Deno.test({
  name: `faults of versitygw during a run are logged, the run finishes, and the task is back${
    missing && ` (skipped: ${missing})`
  }`,
  ignore: missing !== "",
  fn: async (t) => {
    await using server = await startVersityGateway(binary ?? "");
    const store = new S3Store({ ...BUCKET, endpoint: server.url, credentials: server.credentials });
    const faults: Readonly<Record<string, StoreFault>> = {
      "a server that hangs": {
        begin: () => server.freeze(),
        end: () => server.thaw(),
        logs: /no usable answer within/,
      },
      "a server that restarts": {
        begin: () => server.stop(),
        end: () => server.start(),
        logs: /no usable answer within/,
      },
    };
    for (const [what, fault] of Object.entries(faults)) await t.step(what, () => surviveFault(store, fault));
  },
});

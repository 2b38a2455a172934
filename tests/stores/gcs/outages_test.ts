// The rows of docs/stores/faults.md for Cloud Storage: a scheduler on a fake service with each fault during a run.

import { FakeGcs } from "../../../internal/servers/fake_gcs.ts";
import { FaultServer } from "../../../internal/servers/fault_server.ts";
import type { Fault } from "../../../internal/servers/fault_service.ts";
import { GcsStore } from "../../../stores/gcs.ts";
import { faultTest, surviveFault } from "../helpers/outage.ts";

/** How the service treats the next write of an object, in each row. */
const WRITES: Readonly<Record<string, Fault>> = {
  // the runtime or the store repeats it
  "a connection cut before the commit": { ends: "lost", takesEffect: false },
  // if the runtime repeats it, the store answers that the record has changed, and the scheduler finds its own
  "a connection cut after the commit": { ends: "lost", takesEffect: true },
};

/** How the service treats all requests, in each row. */
const OUTAGES: Readonly<Record<string, { readonly fault: Fault; readonly logs: RegExp }>> = {
  "a service that hangs": { fault: { ends: "never" }, logs: /no usable answer within/ },
  "a service that is overloaded": { fault: { reply: { status: 503 } }, logs: /503/ },
  "a token that is refused": { fault: { reply: { status: 401 } }, logs: /401/ },
  "no permission to write": { fault: { reply: { status: 403 } }, logs: /403/ },
};

faultTest("faults of a fake during a run are logged, the run finishes, and the task is back", async (t) => {
  const service = new FakeGcs();
  await using server = new FaultServer(service);
  const store = new GcsStore({ bucket: "bucket", apiEndpoint: server.url, requestTimeout: 1_000 });
  for (const [what, fault] of Object.entries(WRITES)) {
    const begin = (): void => {
      let isOver = false;
      service.script = ({ method }) => {
        if (method !== "POST" || isOver) return undefined;
        isOver = true;
        return fault;
      };
    };
    await t.step(what, () => surviveFault(store, { begin }));
  }
  for (const [what, { fault, logs }] of Object.entries(OUTAGES)) {
    const isWrite = what === "no permission to write";
    await t.step(what, () =>
      surviveFault(store, {
        begin: () => void (service.script = ({ method }) => isWrite && method !== "POST" ? undefined : fault),
        end: () => void (service.script = () => undefined),
        logs,
      }));
  }
});

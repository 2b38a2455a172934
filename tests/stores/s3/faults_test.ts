// The store over connections that break, hang and are refused, and a scheduler that survives it.

import { assert, assertEquals, assertLess, assertStringIncludes } from "@std/assert";
import { NeatPeriodicTaskScheduler } from "../../../mod.ts";
import { errorBody, FakeS3 } from "../../../internal/servers/fake_s3.ts";
import { FaultServer } from "../../../internal/servers/fault_server.ts";
import type { Fault } from "../../../internal/servers/fault_service.ts";
import { S3Store, type S3StoreOptions } from "../../../stores/s3.ts";
import { SILENT } from "../../helpers/log.ts";
import { errorOf } from "../helpers/errors.ts";
import { fixedRandom } from "../helpers/globals.ts";
import { FAKE_KEYS, RECORD } from "./setup.ts";

/** A service on a port of this machine. */
class ServerSetup implements AsyncDisposable {
  readonly service = new FakeS3();
  readonly server = new FaultServer(this.service);
  // no wait between retries
  readonly #random = fixedRandom(0);

  /** Creates a store on the service. */
  store(options: Partial<S3StoreOptions> = {}): S3Store {
    const { url } = this.server;
    return new S3Store({
      bucket: "bucket",
      prefix: "",
      region: "us-east-1",
      endpoint: url,
      credentials: FAKE_KEYS,
      ...options,
    });
  }

  /** Waits until the clients have closed their connections. */
  async untilClosed(): Promise<void> {
    for (let wait = 0; this.server.connections > 0; wait++) {
      assertLess(wait, 5_000, "a connection stays open");
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#random[Symbol.dispose]();
    await this.server[Symbol.asyncDispose]();
  }
}

for (const ends of ["lost", "truncated", "stalled", "never"] as const) {
  const what = ends === "never" ? "never sent" : ends;
  Deno.test(`over a network, read() retries if the answer is ${what}`, async () => {
    await using setup = new ServerSetup();
    setup.service.put("task", RECORD);
    setup.service.failFirst({ ends });
    assertEquals((await setup.store({ requestTimeout: 2_000 }).read("task"))?.value, RECORD);
  });

  Deno.test(`over a network, write() throws if it took effect and the answer is ${what}`, async () => {
    await using setup = new ServerSetup();
    setup.service.failFirst({ ends, takesEffect: true, reply: { status: 200, body: "cut off" } });
    const error = await errorOf(setup.store({ requestTimeout: 2_000 }).write("task", RECORD, null));
    assertStringIncludes(error.message, "an earlier attempt may have been written: current value is HTTP 412");
    assertEquals(setup.service.object("task")?.value, RECORD);
  });
}

for (const ends of ["never", "stalled"] as const) {
  Deno.test(`a signal closes the connection if the server hangs ${ends === "never" ? "before" : "in"} its answer`, async () => {
    await using setup = new ServerSetup();
    setup.service.put("task", RECORD);
    const store = setup.store({ requestTimeout: 60_000 });
    for (const call of ["read", "write"] as const) {
      const requested = Promise.withResolvers<void>();
      setup.service.script = () => {
        requested.resolve();
        return { ends };
      };
      const controller = new AbortController();
      const { signal } = controller;
      const calling = call === "read" ? store.read("task", { signal }) : store.write("task", RECORD, null, { signal });
      const ended = errorOf(calling);
      await requested.promise;
      const reason = new Error("stopped");
      controller.abort(reason);
      assertEquals(await ended, reason);
      await setup.untilClosed();
    }
  });
}

Deno.test("a call to a closed port throws", async () => {
  let url = "";
  {
    await using setup = new ServerSetup();
    url = setup.server.url;
  }
  using _ = fixedRandom(0.3);
  const store = new S3Store({
    bucket: "bucket",
    endpoint: url,
    region: "r",
    credentials: FAKE_KEYS,
    requestTimeout: 3_000,
  });
  const { message } = await errorOf(store.read("task"));
  assertStringIncludes(message, "S3 gave no usable answer within 3000 ms: current value is no answer (");
  assertStringIncludes(message.toLowerCase(), "refused");
});

Deno.test("calls reuse a connection", async () => {
  await using setup = new ServerSetup();
  const store = setup.store();
  let version = await store.write("task", RECORD, null);
  for (let round = 0; round < 10; round++) {
    await store.read("task");
    version = await store.write("task", new TextEncoder().encode(String(round)), version);
  }
  // a connection may be needed before the last one is free again
  assertLess(setup.server.connections, 5);
});

/** Faults that last for a while. */
const OUTAGES: Readonly<Record<string, Fault>> = {
  "refuses its keys": { reply: { status: 403, body: errorBody("InvalidAccessKeyId") } },
  "asks to slow down": { reply: { status: 503, body: errorBody("SlowDown") } },
  "loses every answer": { ends: "lost", takesEffect: true },
  "hangs": { ends: "never" },
  "has lost the bucket": { reply: { status: 404, body: errorBody("NoSuchBucket") } },
};

for (const [what, fault] of Object.entries(OUTAGES)) {
  Deno.test(`a scheduler survives a service that ${what}, and runs once when it is back`, async () => {
    await using setup = new ServerSetup();
    const { service } = setup;
    const minCycle = 100;
    const runs: number[] = [];
    const ran = Promise.withResolvers<void>();
    await using scheduler = new NeatPeriodicTaskScheduler({
      name: "task",
      interval: { hours: 1 },
      timeout: { seconds: 5 },
      minCycle,
      store: setup.store({ requestTimeout: 500 }),
      log: SILENT,
      task: ({ term }) => {
        runs.push(term);
        ran.resolve();
      },
    });
    const failed = Promise.withResolvers<void>();
    scheduler.addEventListener("storeerror", () => failed.resolve());
    service.script = () => fault;
    scheduler.start();
    await failed.promise;
    service.script = () => undefined;
    const backMs = performance.now();
    await ran.promise;
    assertLess(performance.now() - backMs, 5_000);
    await scheduler.stop();
    assertEquals(runs, [1]);
    assert(service.object("task"));
  });
}

Deno.test("a scheduler runs once if the answer to its claim is lost", async () => {
  await using setup = new ServerSetup();
  const { service } = setup;
  service.script = (_request, count) => count === 2 ? { ends: "lost", takesEffect: true } : undefined;
  const runs: number[] = [];
  await using scheduler = new NeatPeriodicTaskScheduler({
    name: "task",
    interval: { hours: 1 },
    timeout: { seconds: 5 },
    store: setup.store(),
    log: SILENT,
    task: ({ term }) => void runs.push(term),
  });
  assertEquals((await scheduler.trigger()).outcome, "finished");
  assertEquals(runs, [1]);
});

Deno.test("schedulers share a task while the service is busy with other writes", async () => {
  await using setup = new ServerSetup();
  const { service } = setup;
  service.script = ({ method }, count) =>
    method === "PUT" && count % 2 === 0
      ? { reply: { status: 409, body: errorBody("ConditionalRequestConflict") } }
      : undefined;
  const runs: number[] = [];
  const schedulers = Array.from({ length: 3 }, () =>
    new NeatPeriodicTaskScheduler({
      name: "task",
      interval: { hours: 1 },
      timeout: { seconds: 5 },
      store: setup.store(),
      log: SILENT,
      task: ({ term }) => void runs.push(term),
    }));
  for (const scheduler of schedulers) scheduler.start();
  await Promise.all(schedulers.map((scheduler) => scheduler.ready()));
  await Promise.all(schedulers.map((scheduler) => scheduler.trigger()));
  await Promise.all(schedulers.map((scheduler) => scheduler.stop()));
  assertEquals(runs, runs.map((_, index) => index + 1));
});

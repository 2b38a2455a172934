import { assert, assertEquals, assertLess, assertStringIncludes } from "@std/assert";
import { NeatPeriodicTaskScheduler } from "../../../mod.ts";
import { GcsStore, type GcsStoreOptions } from "../../../stores/gcs.ts";
import { FakeGcs } from "../../helpers/fake_gcs.ts";
import { FaultServer } from "../../helpers/fault_server.ts";
import { SILENT } from "../../helpers/log.ts";
import { errorOf } from "../helpers/errors.ts";
import { fixedRandom } from "../helpers/globals.ts";
import { RECORD, TOKEN } from "./setup.ts";

/** A service on a port of this machine. */
class ServerSetup implements AsyncDisposable {
  readonly service = new FakeGcs();
  readonly server = new FaultServer(this.service);
  // no wait between retries
  readonly #random = fixedRandom(0);

  /** Creates a store on the service. */
  store(options: Partial<GcsStoreOptions> = {}): GcsStore {
    const { url } = this.server;
    return new GcsStore({ bucket: "bucket", prefix: "", token: () => TOKEN, apiEndpoint: url, ...options });
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

Deno.test("over a network, read() returns what was written, and write() returns null for a conflict", async () => {
  await using setup = new ServerSetup();
  const { service } = setup;
  const [one, other] = [setup.store(), setup.store()];
  service.tokens = new Set([TOKEN]);
  const value = Uint8Array.from({ length: 4_096 }, (_, index) => index);
  const first = await one.write("task", value, null);
  assertEquals(await other.write("task", value, null), null);
  const entry = await other.read("task");
  assertEquals([entry?.value, entry?.version], [value, first]);
  assert(typeof entry?.storeTime === "number");
  const second = await other.write("task", value, first);
  assertEquals(await one.write("task", value, first), null);
  assertEquals((await one.read("task"))?.version, second);
  assertEquals(await one.read("another"), null);
});

Deno.test("over a network, each name is a separate object", async () => {
  await using setup = new ServerSetup();
  const store = setup.store();
  const names = [
    "a/b",
    "a/../b",
    "..%2F",
    "%2F",
    "%252F",
    "it's (all) *fine*!",
    "a b+c?d#e",
    "Zoë",
    "👩‍🚀",
    "...",
    "\\",
    "a;b=c",
  ];
  for (const name of names) {
    const version = await store.write(name, RECORD, null);
    assertEquals((await store.read(name))?.version, version);
  }
  assertEquals([...setup.service.buckets.get("bucket")!.keys()], names);
});

for (const ends of ["lost", "truncated", "stalled", "never"] as const) {
  Deno.test(`over a network, read() retries if the answer is ${ends === "never" ? "never sent" : ends}`, async () => {
    await using setup = new ServerSetup();
    setup.service.put("task", RECORD);
    setup.service.failFirst({ ends });
    const entry = await setup.store({ requestTimeout: 400 }).read("task");
    assertEquals([entry?.value, setup.service.requests.length], [RECORD, 2]);
  });

  Deno.test(`over a network, write() throws if it took effect and the answer is ${ends === "never" ? "never sent" : ends}`, async () => {
    await using setup = new ServerSetup();
    setup.service.failFirst({ ends, takesEffect: true });
    const error = await errorOf(setup.store({ requestTimeout: 400 }).write("task", RECORD, null));
    assertStringIncludes(error.message, "an earlier attempt may have been written: current value is HTTP 412");
    assertEquals(setup.service.object("task")?.value, RECORD);
  });
}

for (const ends of ["never", "stalled"] as const) {
  Deno.test(`a call ends at its time limit if the server hangs ${ends === "never" ? "before" : "in the middle of"} its answer`, async () => {
    await using setup = new ServerSetup();
    setup.service.put("task", RECORD);
    setup.service.script = () => ({ ends });
    const error = await errorOf(setup.store({ requestTimeout: 100 }).read("task"));
    assertEquals(
      error.message,
      "Cannot read the record at gs://bucket/task as Cloud Storage gave no usable answer within 100 ms: " +
        "current value is no answer (timed out after 50 ms)",
    );
    await setup.untilClosed();
  });

  Deno.test(`a signal closes the connection if the server hangs ${ends === "never" ? "before" : "in the middle of"} its answer`, async () => {
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
      const reason = new Error("stopped");
      const ended = errorOf(calling);
      await requested.promise;
      controller.abort(reason);
      assertEquals(await ended, reason);
      await setup.untilClosed();
    }
  });
}

Deno.test("read() finds a write that takes effect after its call was aborted", async () => {
  await using setup = new ServerSetup();
  const requested = Promise.withResolvers<void>();
  const landing = Promise.withResolvers<void>();
  setup.service.script = (_request, count) => {
    requested.resolve();
    return count === 1 ? { ends: "never", takesEffect: true, after: landing.promise } : undefined;
  };
  const store = setup.store();
  const controller = new AbortController();
  const ended = errorOf(store.write("task", RECORD, null, controller));
  await requested.promise;
  controller.abort(new Error("stopped"));
  assertEquals((await ended).message, "stopped");
  assertEquals(await store.read("task"), null);
  landing.resolve();
  assertEquals((await store.read("task"))?.value, RECORD);
});

Deno.test("a call to a closed port throws, and leaves no connection open", async () => {
  let url = "";
  {
    await using setup = new ServerSetup();
    url = setup.server.url;
  }
  using _ = fixedRandom(0.001);
  const store = new GcsStore({ bucket: "bucket", apiEndpoint: url, requestTimeout: 50 });
  const error = await errorOf(store.read("task"));
  assertStringIncludes(error.message, "gave no usable answer within 50 ms: current value is no answer (");
  assertStringIncludes(error.message.toLowerCase(), "refused");
  assert(!error.message.includes("http://"), error.message);
});

Deno.test("over a network, a huge object is fetched in part", async () => {
  await using setup = new ServerSetup();
  const huge = new Uint8Array(50_000_000).fill(0x7b);
  setup.service.put("task", huge);
  const entry = await setup.store().read("task");
  assert(entry);
  assertLess(entry.value.length, 2_000_000);
  // the rest is not read
  await setup.untilClosed();
});

Deno.test("redirects are not followed, and receive no token", async () => {
  await using setup = new ServerSetup();
  await using elsewhere = new ServerSetup();
  for (const status of [301, 302, 303, 307, 308]) {
    setup.service.failFirst({ reply: { status, headers: { location: `${elsewhere.server.url}/` } } });
    assertStringIncludes((await errorOf(setup.store().read("task"))).message, `current value is HTTP ${status}`);
    setup.service.failFirst({ reply: { status, headers: { location: `${elsewhere.server.url}/` } } });
    const error = await errorOf(setup.store().write("task", RECORD, null));
    assertStringIncludes(error.message, `current value is HTTP ${status}`);
  }
  assertEquals(elsewhere.service.requests, []);
});

Deno.test("an answer without a body is accepted", async () => {
  await using setup = new ServerSetup();
  setup.service.failFirst({ reply: { status: 204 } }, { reply: { status: 304 } });
  assertStringIncludes((await errorOf(setup.store().read("task"))).message, "current value is HTTP 204");
  assertStringIncludes((await errorOf(setup.store().read("task"))).message, "current value is HTTP 304");
});

Deno.test("calls reuse a connection", async () => {
  await using setup = new ServerSetup();
  const store = setup.store();
  let version = await store.write("task", RECORD, null);
  for (let round = 0; round < 10; round++) {
    await store.read("task");
    version = await store.write("task", RECORD, version);
  }
  assertEquals(setup.server.connections, 1);
});

Deno.test("a scheduler runs once if the answer to its claim is lost on a connection in use", async () => {
  await using setup = new ServerSetup();
  const { service } = setup;
  // some runtimes repeat such a request, which then conflicts with itself
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
  assertEquals(service.lines.map((line) => line.slice(0, 4)).slice(0, 3), ["GET ", "POST", "POST"]);
  const tokens = service.requests.map(({ headers }) => headers.get("x-goog-gcs-idempotency-token"));
  assert(tokens[1] && tokens[1] === tokens[2]);
});

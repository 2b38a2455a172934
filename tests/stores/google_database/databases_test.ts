// Tests that apply to both Datastore and Firestore.

import { assert, assertEquals, assertMatch, assertRejects, assertStringIncludes, assertThrows } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { NeatPeriodicTaskScheduler } from "../../../mod.ts";
import { parseStatus } from "../../../src/status.ts";
import { errorReply } from "../../helpers/fake_database.ts";
import type { FakeFirestore } from "../../helpers/fake_firestore.ts";
import { faultFetch } from "../helpers/fault_fetch.ts";
import type { Fault } from "../../helpers/fault_service.ts";
import { KeptLog } from "../../helpers/log.ts";
import { kindOf } from "../../helpers/records.ts";
import { errorOf } from "../helpers/errors.ts";
import { environment, fixedRandom } from "../helpers/globals.ts";
import { settle, valueOf } from "../helpers/settle.ts";
import { DATASTORE, FIRESTORE, KINDS, messages, RECORD, setUp, storeOn, TOKEN } from "./setup.ts";

const OTHER = new Uint8Array([1]);
const ABORTED: Fault = { reply: errorReply("ABORTED", "too much contention on these entities. please try again.") };
/** The request takes effect, but has no answer. */
const LOST: Fault = { takesEffect: true, ends: "lost" };

for (const kind of KINDS) {
  const test = (name: string, fn: () => void | Promise<void>): void => Deno.test(`${kind.service}: ${name}`, fn);
  const readError = `Cannot read the record at ${kind.address}`;
  const writeError = `Cannot write the record at ${kind.address}`;

  test("write() creates and replaces a record once, and read() returns it", async () => {
    const { service, store } = setUp(kind);
    assertEquals(await store.read("task"), null);
    const first = await store.write("task", RECORD, null);
    assertEquals(await store.write("task", OTHER, null), null);
    assertEquals((await store.read("task"))?.value, RECORD);
    assertEquals((await store.read("task"))?.version, first);
    const second = await storeOn(kind, service).write("task", OTHER, first);
    assertEquals(await store.write("task", RECORD, first), null);
    assertEquals(await store.read("task").then((entry) => [entry?.value, entry?.version]), [OTHER, second!]);
    assertEquals(kind.names(service), ["task"]);
  });

  test("read() returns bytes of any number and value", async () => {
    for (const length of [0, 1, 2, 3, 256, 8_191, 8_192, 8_193, 300_000]) {
      const { store } = setUp(kind);
      const value = Uint8Array.from({ length }, (_, index) => index * 7 + length);
      await store.write("task", value, null);
      assertEquals((await store.read("task"))?.value, value);
    }
  });

  test("write() does not create a record that is gone", async () => {
    const { store } = setUp(kind);
    assertEquals(await store.write("task", RECORD, kind.oldVersion), null);
    assertEquals(await store.read("task"), null);
  });

  test("write() of the same bytes keeps the version", async () => {
    const { store } = setUp(kind);
    const version = await store.write("task", RECORD, null);
    assertEquals(await store.write("task", RECORD, version), version);
  });

  test("storeTime is the time of the read, to the millisecond", async () => {
    const { service, store } = setUp(kind);
    await store.write("task", RECORD, null);
    for (const nowMs of [1_801_000_000_123.456, 1_801_000_001_000, 1_801_000_001_999.999]) {
      service.nowMs = () => nowMs;
      assertEquals((await store.read("task"))?.storeTime, Math.floor(nowMs));
    }
  });

  test("without a readTime, storeTime is the Date header, or absent", async () => {
    const { service, store } = setUp(kind);
    await store.write("task", RECORD, null);
    (service as FakeFirestore).returnsReadTime = false;
    service.nowMs = () => 1_801_000_000_123;
    assertEquals((await store.read("task"))?.storeTime, 1_801_000_000_000);
    service.failFirst({ without: ["date"] });
    assertEquals(Object.keys((await store.read("task"))!), ["value", "version"]);
  });

  test("write() writes the bytes at the time of the call", async () => {
    const { store } = setUp(kind);
    const value = RECORD.slice();
    const written = store.write("task", value, null);
    value.fill(0);
    await written;
    assertEquals((await store.read("task"))?.value, RECORD);
  });

  test("requests have a token and a content type", async () => {
    const { service, store } = setUp(kind);
    service.tokens = new Set([TOKEN]);
    await store.write("task", RECORD, (await store.read("task"))?.version ?? null);
    assertEquals(service.requests.map(({ headers }) => headers.get("content-type")), Array(2).fill("application/json"));
  });

  test("a rejected token is replaced by a fresh one, once", async () => {
    const { service, store } = setUp(kind, { token: (options) => options?.fresh ? "fresh" : "old" });
    service.tokens = new Set(["fresh"]);
    assertEquals(typeof await store.write("task", RECORD, null), "string");
    service.tokens = new Set();
    const { message } = await errorOf(store.read("task"));
    assertStringIncludes(
      message,
      `${readError} as ${kind.service} does not accept the access token: current value is HTTP 401`,
    );
    assertEquals(service.requests.length, 4);
    assert(!message.includes("fresh"));
  });

  test("a call retries ABORTED, which wrote nothing", async () => {
    using time = new FakeTime();
    using _ = fixedRandom(0.5);
    const { service, store } = setUp(kind);
    service.failFirst(ABORTED, ABORTED);
    const version = await valueOf(time, store.write("task", RECORD, null));
    assertEquals([typeof version, service.requests.length], ["string", 3]);
    service.failFirst(ABORTED);
    assertEquals(await valueOf(time, store.write("task", OTHER, null)), null);
    service.failFirst(ABORTED);
    assertEquals(await valueOf(time, store.write("task", OTHER, kind.oldVersion)), null);
    service.failFirst(ABORTED);
    assertEquals((await valueOf(time, store.read("task")))?.value, RECORD);
    service.script = () => ABORTED;
    const { error, afterMs } = await settle(time, store.write("task", OTHER, version));
    assertStringIncludes(error!.message, `${writeError} as ${kind.service} gave no usable answer within 8000 ms`);
    assertStringIncludes(error!.message, "too much contention");
    assert(afterMs <= 8_000);
  });

  for (
    const [name, fault] of [
      ["an answer that is lost", LOST],
      ["HTTP 503", { ...LOST, ends: undefined, reply: { status: 503 } }],
      ["HTTP 504 that says DEADLINE_EXCEEDED", { ...LOST, ends: undefined, reply: { status: 504 } }],
      ["a body that stalls", { takesEffect: true, ends: "stalled" }],
    ] as [string, Fault][]
  ) {
    test(`write() throws on a conflict after ${name}`, async () => {
      using time = new FakeTime();
      const { service, store } = setUp(kind);
      service.failFirst(fault);
      const created = await settle(time, store.write("task", RECORD, null));
      assertStringIncludes(
        created.error!.message,
        `${writeError} as an earlier attempt may have been written: current value is`,
      );
      const { version } = (await valueOf(time, store.read("task")))!;
      service.failFirst(fault);
      const replaced = await settle(time, store.write("task", OTHER, version));
      assertStringIncludes(replaced.error!.message, "as an earlier attempt may have been written");
      assertEquals((await valueOf(time, store.read("task")))?.value, OTHER);
      service.failFirst(fault);
      // the record is another writer's, but the first attempt may have come before it
      const stale = await settle(time, store.write("task", OTHER, kind.oldVersion));
      assertStringIncludes(stale.error!.message, "as an earlier attempt may have been written");
    });
  }

  test("a call retries a lost request", async () => {
    using time = new FakeTime();
    const { service, store } = setUp(kind);
    service.failFirst({ ends: "lost" });
    const version = await valueOf(time, store.write("task", RECORD, null));
    service.failFirst({ ends: "never" });
    assertEquals(typeof await valueOf(time, store.write("task", OTHER, version)), "string");
    service.failFirst({ ends: "lost" }, { ends: "truncated" }, { reply: { status: 500 } });
    assertEquals((await valueOf(time, store.read("task")))?.value, OTHER);
  });

  test("write() returns null for a conflict after HTTP 429, which wrote nothing", async () => {
    using time = new FakeTime();
    const { service, store } = setUp(kind);
    await store.write("task", RECORD, null);
    for (const version of [null, kind.oldVersion]) {
      service.failFirst({ reply: errorReply("RESOURCE_EXHAUSTED", "Quota exceeded.") });
      assertEquals(await valueOf(time, store.write("task", OTHER, version)), null);
    }
  });

  test("an attempt that takes effect after a later one changes nothing", async () => {
    using time = new FakeTime();
    const { service, store } = setUp(kind);
    const version = await store.write("task", RECORD, null);
    const late = Promise.withResolvers<void>();
    service.failFirst({ after: late.promise });
    const next = await valueOf(time, store.write("task", OTHER, version));
    const last = await store.write("task", RECORD, next);
    late.resolve();
    await time.runMicrotasks();
    assertEquals((await store.read("task"))?.version, last);
    assertEquals(service.requests.length, 5);
  });

  test("write() throws if an attempt without an answer takes effect", async () => {
    using time = new FakeTime();
    const { service, store } = setUp(kind);
    const late = Promise.withResolvers<void>();
    const land = async (): Promise<void> => {
      late.resolve();
      while (kind.names(service).length === 0) await late.promise;
    };
    service.script = (_, count) => {
      if (count === 1) return { after: late.promise };
      return count === 2 ? { after: land(), reply: { status: 503 } } : undefined;
    };
    const { error } = await settle(time, store.write("task", RECORD, null));
    assertStringIncludes(error!.message, "as an earlier attempt may have been written");
    assertEquals((await store.read("task"))?.value, RECORD);
  });

  test("read() returns bytes that are not a record for an entity with other data", async () => {
    const status =
      '{"format":"neat-periodic-task-status","version":1,"state":"finished","started":"2026-01-31T12:00:00Z"}';
    const record = kind.property(btoa(status));
    const foreign: Record<string, unknown>[] = [
      {},
      { record: { stringValue: "a text" } },
      { record: { blobValue: 1, bytesValue: null } },
      { record: { blobValue: "!", bytesValue: "!" } },
      { record: null },
      { Record: record },
      { record, more: { stringValue: "a user's" } },
      { name: { stringValue: "a user's" } },
    ];
    for (const properties of [...foreign, undefined, null]) {
      const { service, store } = setUp(kind);
      const version = kind.put(service, properties);
      const entry = await store.read("task");
      assertEquals([kindOf(parseStatus(entry?.value)), entry?.version], ["foreign", version]);
    }
    const { service, store } = setUp(kind);
    kind.put(service, { record });
    assertEquals(kindOf(parseStatus((await store.read("task"))?.value)), "status");
  });

  test("read() returns zero bytes for an entity with an empty record", async () => {
    const { service, store } = setUp(kind);
    const version = kind.put(service, { record: kind.property("") });
    const entry = await store.read("task");
    assertEquals([entry?.value, entry?.version], [new Uint8Array(), version]);
    assertEquals(typeof await store.write("task", RECORD, version), "string");
  });

  test("a scheduler neither runs nor overwrites an entity with other data", async () => {
    const { service, store } = setUp(kind);
    const version = kind.put(service, { name: { stringValue: "a user's" } });
    const log = new KeptLog();
    await using scheduler = new NeatPeriodicTaskScheduler({
      name: "task",
      interval: { hours: 1 },
      timeout: { minutes: 1 },
      store,
      log,
      task: () => {},
    });
    await assertRejects(() => scheduler.trigger(), Error, 'Cannot use the record at "task" as it is not ours');
    assertEquals((await store.read("task"))?.version, version);
    assertEquals(log.count("START"), 0);
  });

  test("keys that can't be names are encoded", async () => {
    const names = {
      "task": "task",
      "a b": "a b",
      "a/b": "a%2Fb",
      "/": "%2F",
      "%": "%25",
      "%2F": "%252F",
      "100%": "100%25",
      ".": "%2E",
      "..": "%2E.",
      "...": "...",
      ".a": ".a",
      "__a__": "%5F_a__",
      "__proto__": "%5F_proto__",
      "____": "%5F___",
      "___": "___",
      "__": "__",
      "__a": "__a",
      "__a\nb__": "%5F_a\nb__",
      "__/__": "%5F_%2F__",
      "日本": "日本",
      "\u{1f600}": "\u{1f600}",
    };
    const { service, store } = setUp(kind);
    for (const key of Object.keys(names)) await store.write(key, RECORD, null);
    assertEquals(kind.names(service), Object.values(names));
    for (const key of Object.keys(names)) assertEquals((await store.read(key))?.value, RECORD);
  });

  test("a key may have 500 characters, and one of more than 1,500 bytes throws", async () => {
    const { service, store } = setUp(kind);
    for (const character of ["a", "é", "日", "/", "%", "_"]) {
      assertEquals(typeof await store.write(character.repeat(500), RECORD, null), "string");
    }
    for (const [key, bytes] of [["a".repeat(1_501), 1_501], [`日${"/".repeat(500)}`, 1_503]] as const) {
      const message =
        `Cannot use the key in ${kind.service} as its name must take at most 1500 bytes: current value is ${bytes}`;
      await assertRejects(() => store.read(key), RangeError, message);
      await assertRejects(() => store.write(key, RECORD, null), RangeError, message);
    }
    assertEquals(service.requests.length, 6);
  });

  test("a key that is empty or not Unicode text throws", async () => {
    const { service, store } = setUp(kind);
    for (const key of ["", "\ud800", "a\udc00b"]) {
      const message =
        `Cannot use the key in ${kind.service} as it must be Unicode text and not empty: current value is "`;
      await assertRejects(() => store.read(key), RangeError, message);
      await assertRejects(() => store.write(key, RECORD, null), RangeError, message);
    }
    assertEquals(service.requests, []);
  });

  test("write() throws for a version of another form before any request", async () => {
    const { service, store } = setUp(kind);
    for (const version of kind.badVersions) {
      const error = await assertRejects(() => store.write("task", RECORD, version), RangeError);
      assertStringIncludes(error.message, `${writeError} as its version must be an `);
    }
    assertEquals(service.requests, []);
  });

  test("HTTP 403 and 400 name the record, the permission and the role", async () => {
    const { service, store } = setUp(kind);
    service.script = () => ({ reply: errorReply("PERMISSION_DENIED", "Missing or insufficient permissions.") });
    const state = (permission: string): string =>
      `the account may lack ${permission}, which roles/datastore.user has: ` +
      "current value is HTTP 403 (Missing or insufficient permissions.)";
    assertEquals((await errorOf(store.read("task"))).message, `${readError} as ${state("datastore.entities.get")}`);
    for (const [version, permission] of [[null, "create"], [kind.oldVersion, "update"]] as const) {
      const { message } = await errorOf(store.write("task", RECORD, version));
      assertEquals(message, `${writeError} as ${state(`datastore.entities.${permission}`)}`);
    }
    service.script = () => ({ reply: errorReply("INVALID_ARGUMENT", "Bad.") });
    assertStringIncludes((await errorOf(store.read("task"))).message, "datastore.entities.get");
    assertStringIncludes((await errorOf(store.read("task"))).message, ": current value is HTTP 400 (Bad.)");
    assertEquals(service.requests.length, 5);
  });

  test("a call throws if the database does not exist", async () => {
    const { service, store } = setUp(kind);
    service.databases.clear();
    const state =
      `as project "project" may have no default database for ${kind.service}: current value is HTTP 404 (The database`;
    assertStringIncludes((await errorOf(store.read("task"))).message, `${readError} ${state}`);
    assertStringIncludes((await errorOf(store.write("task", RECORD, null))).message, `${writeError} ${state}`);
    const named = storeOn(kind, service, { databaseId: "db" });
    assertStringIncludes((await errorOf(named.read("task"))).message, 'may have no database "db" for');
  });

  test("write() throws for an error that is not the service's", async () => {
    const { service, store } = setUp(kind);
    for (const status of [302, 400, 404, 409, 412]) {
      service.script = () => ({ reply: { status, body: "<html>Not here</html>" } });
      for (const version of [null, kind.oldVersion]) {
        const { message } = await errorOf(store.write("task", RECORD, version));
        assertMatch(message, new RegExp(`: current value is HTTP ${status}$`));
      }
      assertMatch((await errorOf(store.read("task"))).message, new RegExp(`: current value is HTTP ${status}$`));
    }
  });

  test("write() throws for a code that does not fit its condition", async () => {
    const { service, store } = setUp(kind);
    for (const [version, code] of [[null, "NOT_FOUND"], [kind.oldVersion, "ALREADY_EXISTS"]] as const) {
      service.script = () => ({ reply: errorReply(code, "No.") });
      assertStringIncludes((await errorOf(store.write("task", RECORD, version))).message, "(No.)");
    }
  });

  test("a call throws for an unexpected answer", async () => {
    const { service, store } = setUp(kind);
    for (
      const body of [
        "",
        "<html>",
        "null",
        "{}",
        "[]",
        "[null]",
        '{"found":[{}],"mutationResults":[{}],"writeResults":[{}]}',
      ]
    ) {
      service.script = () => ({ reply: { status: 200, body } });
      assertStringIncludes((await errorOf(store.read("task"))).message, `${readError} as the answer must hold a`);
      assertStringIncludes(
        (await errorOf(store.write("task", RECORD, null))).message,
        `${writeError} as the answer must hold the new `,
      );
    }
  });

  test("an emulator receives requests without the token, by its host or URL", async () => {
    for (
      const named of [
        "127.0.0.1:8432",
        "localhost:8432",
        "[::1]:8432",
        "http://127.0.0.1:8432",
        "http://127.0.0.1:8432/",
      ]
    ) {
      using _ = environment({ [kind.emulatorVariable]: named });
      const service = kind.make();
      const store = kind.open({
        projectId: "project",
        fetch: (input, init) => {
          assertEquals(new URL(`${input}`).host, named.replace("http://", "").replace("/", ""));
          return faultFetch(service)(input, init);
        },
        token: () => Promise.reject(new Error("must not be called")),
      });
      assertEquals(await store.read("task"), null);
      const sent = service.requests[0]?.headers.get("authorization");
      assertEquals(sent, kind === FIRESTORE ? "Bearer owner" : null);
    }
  });

  test("apiEndpoint is Google's by default", async () => {
    using _ = environment({ [kind.emulatorVariable]: undefined });
    const requestedUrls: string[] = [];
    const fetch: typeof globalThis.fetch = (input) => {
      requestedUrls.push(`${input}`);
      return Promise.resolve(new Response("", { status: 400 }));
    };
    const store = kind.open({ projectId: "project", fetch, token: () => TOKEN });
    await errorOf(store.read("task"));
    assertEquals(requestedUrls.map((url) => new URL(url).origin), [kind.host]);
  });

  test("projectId is read from the environment if absent, and required", async () => {
    const [before, after] = kind.projectVariables as [string, string];
    const projectOf = async (options: { projectId?: string }): Promise<string | undefined> => {
      const service = kind.make();
      const store = kind.open({
        ...options,
        apiEndpoint: "https://db.example",
        token: () => TOKEN,
        fetch: faultFetch(service),
      });
      await store.read("task");
      return /^\/v1\/projects\/([\w-]+)/.exec(service.requests[0]!.target)?.[1];
    };
    {
      using _ = environment({ [before]: "before", [after]: "after" });
      assertEquals([await projectOf({}), await projectOf({ projectId: "given" })], ["before", "given"]);
    }
    using _ = environment({ [before]: undefined, [after]: "after" });
    assertEquals(await projectOf({}), "after");
    using __ = environment({ [before]: "", [after]: "" });
    assertThrows(
      () => kind.open({}),
      TypeError,
      `Cannot create the ${kind.service} store as "projectId" must be given, or be in ${before} or ${after}: ` +
        "current value is undefined",
    );
  });

  test("the constructor throws for an option that can't be used, and names it", () => {
    const createError = `Cannot create the ${kind.service} store as`;
    for (
      const [option, value, Kind] of [
        ["projectId", 1, TypeError],
        ["projectId", "", RangeError],
        ["projectId", "a/b", RangeError],
        ["databaseId", null, TypeError],
        ["databaseId", "", RangeError],
        ["databaseId", "a/b", RangeError],
        ["databaseId", "(other)", RangeError],
        ["token", "a token", TypeError],
        ["fetch", {}, TypeError],
        ["apiEndpoint", "ftp://database.example", RangeError],
        ["requestTimeout", 0, RangeError],
        ["prefix", "a", TypeError],
        ...[kind === DATASTORE ? "kind" : "collection"].flatMap((name) => [
          [name, 1, TypeError] as const,
          ...["", "a/b", "%", ".", "..", "__a__", "\ud800", "日".repeat(501)].map((value) =>
            [name, value, RangeError] as const
          ),
        ]),
      ] as const
    ) {
      const options = { projectId: "project", [option]: value } as Record<string, unknown>;
      const error = assertThrows(() => kind.open(options), Kind);
      assertStringIncludes(error.message, `${createError} "${option}" `);
    }
    assertThrows(() => kind.open(1 as unknown as object), TypeError, `${createError} its options must be an object`);
  });

  test("a call with an aborted signal rejects with its reason and sends nothing", async () => {
    const { service, store } = setUp(kind);
    const signal = AbortSignal.abort(new Error("enough"));
    assertEquals((await errorOf(store.read("task", { signal }))).message, "enough");
    assertEquals((await errorOf(store.write("task", RECORD, null, { signal }))).message, "enough");
    assertEquals(service.requests, []);
  });

  test("a call sends the same message with each attempt", async () => {
    using time = new FakeTime();
    const { service, store } = setUp(kind);
    service.failFirst({ ends: "lost" }, ABORTED);
    await valueOf(time, store.write("task", RECORD, null));
    const [first, ...others] = messages(service);
    assertEquals(others, [first, first]);
  });
}

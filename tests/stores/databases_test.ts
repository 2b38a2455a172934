// What the stores of Datastore and Firestore have in common.

import { assert, assertEquals, assertMatch, assertRejects, assertStringIncludes, assertThrows } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { NeatPeriodicTaskScheduler } from "../../mod.ts";
import { parseStatus } from "../../src/record/status_record.ts";
import { refusal } from "../helpers/fake_database.ts";
import type { FakeFirestore } from "../helpers/fake_firestore.ts";
import { faultFetch } from "../helpers/fault_fetch.ts";
import type { Fault } from "../helpers/fault_service.ts";
import { KeptLog } from "../helpers/log.ts";
import { kindOf } from "../helpers/records.ts";
import {
  DATASTORE,
  environment,
  errorOf,
  FIRESTORE,
  fixedRandom,
  KINDS,
  messages,
  RECORD,
  settled,
  stage,
  storeOn,
  TOKEN,
  valueOf,
} from "./database_stage.ts";

const OTHER = new Uint8Array([1]);
const ABORTED: Fault = { reply: refusal("ABORTED", "too much contention on these entities. please try again.") };
/** The service does it, but nobody is told. */
const LOST: Fault = { takesEffect: true, ends: "lost" };

for (const kind of KINDS) {
  const test = (name: string, fn: () => void | Promise<void>): void => Deno.test(`${kind.service}: ${name}`, fn);
  const reading = `Cannot read the record at ${kind.address}`;
  const writing = `Cannot write the record at ${kind.address}`;

  test("a record is created once and replaced once, and comes back as it was written", async () => {
    const { service, store } = stage(kind);
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

  test("bytes of any number and value come back", async () => {
    for (const length of [0, 1, 2, 3, 256, 8_191, 8_192, 8_193, 300_000]) {
      const { store } = stage(kind);
      const value = Uint8Array.from({ length }, (_, index) => index * 7 + length);
      await store.write("task", value, null);
      assertEquals((await store.read("task"))?.value, value);
    }
  });

  test("a record that is gone is not written anew", async () => {
    const { store } = stage(kind);
    assertEquals(await store.write("task", RECORD, kind.oldVersion), null);
    assertEquals(await store.read("task"), null);
  });

  test("bytes that change nothing keep the version", async () => {
    const { store } = stage(kind);
    const version = await store.write("task", RECORD, null);
    assertEquals(await store.write("task", RECORD, version), version);
  });

  test("storeTime is when the service has read, to the millisecond", async () => {
    const { service, store } = stage(kind);
    await store.write("task", RECORD, null);
    for (const nowMs of [1_801_000_000_123.456, 1_801_000_001_000, 1_801_000_001_999.999]) {
      service.nowMs = () => nowMs;
      assertEquals((await store.read("task"))?.storeTime, Math.floor(nowMs));
    }
  });

  test("without a readTime, storeTime is that of the Date header, or absent", async () => {
    const { service, store } = stage(kind);
    await store.write("task", RECORD, null);
    (service as FakeFirestore).tellsReadTime = false;
    service.nowMs = () => 1_801_000_000_123;
    assertEquals((await store.read("task"))?.storeTime, 1_801_000_000_000);
    service.failFirst({ without: ["date"] });
    assertEquals(Object.keys((await store.read("task"))!), ["value", "version"]);
  });

  test("the bytes that count are those of when the write was asked for", async () => {
    const { store } = stage(kind);
    const value = RECORD.slice();
    const written = store.write("task", value, null);
    value.fill(0);
    await written;
    assertEquals((await store.read("task"))?.value, RECORD);
  });

  test("every request has the token and its type", async () => {
    const { service, store } = stage(kind);
    service.tokens = new Set([TOKEN]);
    await store.write("task", RECORD, (await store.read("task"))?.version ?? null);
    assertEquals(service.requests.map(({ headers }) => headers.get("content-type")), Array(2).fill("application/json"));
  });

  test("a token that has expired is replaced by a fresh one, once", async () => {
    const { service, store } = stage(kind, { token: (options) => options?.fresh ? "fresh" : "old" });
    service.tokens = new Set(["fresh"]);
    assertEquals(typeof await store.write("task", RECORD, null), "string");
    service.tokens = new Set();
    const { message } = await errorOf(store.read("task"));
    assertStringIncludes(
      message,
      `${reading} as ${kind.service} takes no token of this sign-in: current value is HTTP 401`,
    );
    assertEquals(service.requests.length, 4);
    assert(!message.includes("fresh"));
  });

  test("contention is tried again, and leaves no doubt", async () => {
    using time = new FakeTime();
    using _ = fixedRandom(0.5);
    const { service, store } = stage(kind);
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
    const { error, afterMs } = await settled(time, store.write("task", OTHER, version));
    assertStringIncludes(error!.message, `${writing} as ${kind.service} did not answer well within 8000 ms`);
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
    test(`a conflict after ${name} is an error: it may be one with the write itself`, async () => {
      using time = new FakeTime();
      const { service, store } = stage(kind);
      service.failFirst(fault);
      const created = await settled(time, store.write("task", RECORD, null));
      assertStringIncludes(
        created.error!.message,
        `${writing} as an earlier attempt may have been written: current value is`,
      );
      const { version } = (await valueOf(time, store.read("task")))!;
      service.failFirst(fault);
      const replaced = await settled(time, store.write("task", OTHER, version));
      assertStringIncludes(replaced.error!.message, "as an earlier attempt may have been written");
      assertEquals((await valueOf(time, store.read("task")))?.value, OTHER);
      service.failFirst(fault);
      // someone else's record is there, but our attempt may have come before it
      const stale = await settled(time, store.write("task", OTHER, kind.oldVersion));
      assertStringIncludes(stale.error!.message, "as an earlier attempt may have been written");
    });
  }

  test("a request that was lost is sent again", async () => {
    using time = new FakeTime();
    const { service, store } = stage(kind);
    service.failFirst({ ends: "lost" });
    const version = await valueOf(time, store.write("task", RECORD, null));
    service.failFirst({ ends: "never" });
    assertEquals(typeof await valueOf(time, store.write("task", OTHER, version)), "string");
    service.failFirst({ ends: "lost" }, { ends: "truncated" }, { reply: { status: 500 } });
    assertEquals((await valueOf(time, store.read("task")))?.value, OTHER);
  });

  test("a conflict after HTTP 429 is one: nothing was written before", async () => {
    using time = new FakeTime();
    const { service, store } = stage(kind);
    await store.write("task", RECORD, null);
    for (const version of [null, kind.oldVersion]) {
      service.failFirst({ reply: refusal("RESOURCE_EXHAUSTED", "Quota exceeded.") });
      assertEquals(await valueOf(time, store.write("task", OTHER, version)), null);
    }
  });

  test("an attempt that lands late changes nothing after another has been answered", async () => {
    using time = new FakeTime();
    const { service, store } = stage(kind);
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

  test("an attempt that lands before the next leaves the outcome unknown", async () => {
    using time = new FakeTime();
    const { service, store } = stage(kind);
    const late = Promise.withResolvers<void>();
    const lands = async (): Promise<void> => {
      late.resolve();
      while (kind.names(service).length === 0) await late.promise;
    };
    service.script = (_, count) => {
      if (count === 1) return { after: late.promise };
      return count === 2 ? { after: lands(), reply: { status: 503 } } : undefined;
    };
    const { error } = await settled(time, store.write("task", RECORD, null));
    assertStringIncludes(error!.message, "as an earlier attempt may have been written");
    assertEquals((await store.read("task"))?.value, RECORD);
  });

  test("an entity that holds anything else than a record is foreign to the core", async () => {
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
      const { service, store } = stage(kind);
      const version = kind.put(service, properties);
      const entry = await store.read("task");
      assertEquals([kindOf(parseStatus(entry?.value)), entry?.version], ["foreign", version]);
    }
    const { service, store } = stage(kind);
    kind.put(service, { record });
    assertEquals(kindOf(parseStatus((await store.read("task"))?.value)), "status");
  });

  test("an entity with an empty record is one that has never run", async () => {
    const { service, store } = stage(kind);
    const version = kind.put(service, { record: kind.property("") });
    const entry = await store.read("task");
    assertEquals([entry?.value, entry?.version], [new Uint8Array(), version]);
    assertEquals(typeof await store.write("task", RECORD, version), "string");
  });

  test("a scheduler neither runs over someone else's entity nor overwrites it", async () => {
    const { service, store } = stage(kind);
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
    await assertRejects(() => scheduler.trigger(), Error, 'Cannot use the record at "task" as it is no status record');
    assertEquals((await store.read("task"))?.version, version);
    assertEquals(log.count("START"), 0);
  });

  test("keys that no name can have as they are have names of their own", async () => {
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
    const { service, store } = stage(kind);
    for (const key of Object.keys(names)) await store.write(key, RECORD, null);
    assertEquals(kind.names(service), Object.values(names));
    for (const key of Object.keys(names)) assertEquals((await store.read(key))?.value, RECORD);
  });

  test("every name of a task is short enough, and a longer key is refused", async () => {
    const { service, store } = stage(kind);
    for (const character of ["a", "é", "日", "/", "%", "_"]) {
      assertEquals(typeof await store.write(character.repeat(500), RECORD, null), "string");
    }
    for (const [key, bytes] of [["a".repeat(1_501), 1_501], [`日${"/".repeat(500)}`, 1_503]] as const) {
      const message =
        `Cannot use the key in ${kind.service} as it takes more than 1500 bytes: current value is "${bytes} bytes"`;
      await assertRejects(() => store.read(key), RangeError, message);
      await assertRejects(() => store.write(key, RECORD, null), RangeError, message);
    }
    assertEquals(service.requests.length, 6);
  });

  test("a key that is empty or no Unicode text is refused", async () => {
    const { service, store } = stage(kind);
    for (const key of ["", "\ud800", "a\udc00b"]) {
      const message =
        `Cannot use the key in ${kind.service} as it must be Unicode text and not empty: current value is "`;
      await assertRejects(() => store.read(key), RangeError, message);
      await assertRejects(() => store.write(key, RECORD, null), RangeError, message);
    }
    assertEquals(service.requests, []);
  });

  test("a version that the service can't have given is refused before anything is sent", async () => {
    const { service, store } = stage(kind);
    for (const version of kind.badVersions) {
      const error = await assertRejects(() => store.write("task", RECORD, version), RangeError);
      assertStringIncludes(error.message, `${writing} as its version must be an `);
    }
    assertEquals(service.requests, []);
  });

  test("a refusal names the record, the permission and the role", async () => {
    const { service, store } = stage(kind);
    service.script = () => ({ reply: refusal("PERMISSION_DENIED", "Missing or insufficient permissions.") });
    const state = (permission: string): string =>
      `the sign-in may lack ${permission}, which roles/datastore.user has: ` +
      "current value is HTTP 403 (Missing or insufficient permissions.)";
    assertEquals((await errorOf(store.read("task"))).message, `${reading} as ${state("datastore.entities.get")}`);
    for (const [version, permission] of [[null, "create"], [kind.oldVersion, "update"]] as const) {
      const { message } = await errorOf(store.write("task", RECORD, version));
      assertEquals(message, `${writing} as ${state(`datastore.entities.${permission}`)}`);
    }
    service.script = () => ({ reply: refusal("INVALID_ARGUMENT", "Bad.") });
    assertStringIncludes((await errorOf(store.read("task"))).message, "datastore.entities.get");
    assertStringIncludes((await errorOf(store.read("task"))).message, ": current value is HTTP 400 (Bad.)");
    assertEquals(service.requests.length, 5);
  });

  test("a database that is not there is an error, and no absent record", async () => {
    const { service, store } = stage(kind);
    service.databases.clear();
    const state =
      `as project "project" may have no default database for ${kind.service}: current value is HTTP 404 (The database`;
    assertStringIncludes((await errorOf(store.read("task"))).message, `${reading} ${state}`);
    assertStringIncludes((await errorOf(store.write("task", RECORD, null))).message, `${writing} ${state}`);
    const named = storeOn(kind, service, { databaseId: "db" });
    assertStringIncludes((await errorOf(named.read("task"))).message, 'may have no database "db" for');
  });

  test("an error that does not come from the service is no conflict", async () => {
    const { service, store } = stage(kind);
    for (const status of [302, 400, 404, 409, 412]) {
      service.script = () => ({ reply: { status, body: "<html>Not here</html>" } });
      for (const version of [null, kind.oldVersion]) {
        const { message } = await errorOf(store.write("task", RECORD, version));
        assertMatch(message, new RegExp(`: current value is HTTP ${status}$`));
      }
      assertMatch((await errorOf(store.read("task"))).message, new RegExp(`: current value is HTTP ${status}$`));
    }
  });

  test("a code that does not fit the condition is no conflict", async () => {
    const { service, store } = stage(kind);
    for (const [version, code] of [[null, "NOT_FOUND"], [kind.oldVersion, "ALREADY_EXISTS"]] as const) {
      service.script = () => ({ reply: refusal(code, "No.") });
      assertStringIncludes((await errorOf(store.write("task", RECORD, version))).message, "(No.)");
    }
  });

  test("an answer that is not what was asked for is an error", async () => {
    const { service, store } = stage(kind);
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
      assertStringIncludes((await errorOf(store.read("task"))).message, `${reading} as the answer has neither`);
      assertStringIncludes(
        (await errorOf(store.write("task", RECORD, null))).message,
        `${writing} as the answer has no `,
      );
    }
  });

  test("an emulator is asked without a sign-in, by its host or its URL", async () => {
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
        token: () => Promise.reject(new Error("must not be asked")),
      });
      assertEquals(await store.read("task"), null);
      const sent = service.requests[0]?.headers.get("authorization");
      assertEquals(sent, kind === FIRESTORE ? "Bearer owner" : null);
    }
  });

  test("the address is Google's if none is given", async () => {
    using _ = environment({ [kind.emulatorVariable]: undefined });
    const asked: string[] = [];
    const fetch: typeof globalThis.fetch = (input) => {
      asked.push(`${input}`);
      return Promise.resolve(new Response("", { status: 400 }));
    };
    const store = kind.open({ projectId: "project", fetch, token: () => TOKEN });
    await errorOf(store.read("task"));
    assertEquals(asked.map((url) => new URL(url).origin), [kind.host]);
  });

  test("the project is that of the environment if none is given, and must be known", async () => {
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

  test("options that can't be used are refused by name", () => {
    const creating = `Cannot create the ${kind.service} store as`;
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
      assertStringIncludes(error.message, `${creating} "${option}" `);
    }
    assertThrows(() => kind.open(1 as unknown as object), TypeError, `${creating} its options must be an object`);
  });

  test("a call that is aborted rejects with the signal's reason, and sends nothing more", async () => {
    const { service, store } = stage(kind);
    const signal = AbortSignal.abort(new Error("enough"));
    assertEquals((await errorOf(store.read("task", { signal }))).message, "enough");
    assertEquals((await errorOf(store.write("task", RECORD, null, { signal }))).message, "enough");
    assertEquals(service.requests, []);
  });

  test("the messages are the same with each attempt", async () => {
    using time = new FakeTime();
    const { service, store } = stage(kind);
    service.failFirst({ ends: "lost" }, ABORTED);
    await valueOf(time, store.write("task", RECORD, null));
    const [first, ...others] = messages(service);
    assertEquals(others, [first, first]);
  });
}

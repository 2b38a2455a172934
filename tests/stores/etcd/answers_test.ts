import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { keysOf } from "../helpers/keys_of.ts";
import { fixedRandom } from "../helpers/globals.ts";
import { failure, header, scripted } from "./scripted_gateway.ts";

const RECORD = new TextEncoder().encode("{}");
const USER = { user: "tasks", password: "hidden-password" };
const DATE = { date: "Tue, 01 Dec 2026 03:28:19 GMT" };
const FOUND = { ...header(9), kvs: [{ key: btoa("p/task"), mod_revision: "7", value: btoa("{}") }], count: "1" };

Deno.test("read() asks for the key in base64, without `serializable`, and returns its mod_revision and the Date header", async () => {
  const { store, requests } = scripted([Response.json(FOUND, { headers: DATE })]);
  assertEquals(await store.read("tä"), { value: RECORD, version: "7", storeTime: Date.parse(DATE.date) });
  assertEquals(requests, [{
    url: "http://etcd.example:2379/v3/kv/range",
    token: null,
    json: { key: btoa(String.fromCharCode(...new TextEncoder().encode("p/tä"))) },
  }]);
});

Deno.test("read() has no storeTime with several addresses, whose clocks may differ", async () => {
  const { store } = scripted([Response.json(FOUND, { headers: DATE })], { endpoint: ["http://a", "http://b"] });
  assertEquals(await store.read("task"), { value: RECORD, version: "7" });
  const trusting = scripted([Response.json(FOUND, { headers: DATE })], {
    endpoint: ["http://a", "http://b"],
    serverTime: true,
  });
  assertEquals((await trusting.store.read("task"))?.storeTime, Date.parse(DATE.date));
});

Deno.test("read() knows a missing key and an empty value, which the gateway leaves out", async () => {
  const { store } = scripted([header(9), { ...header(9), kvs: [{ key: btoa("p/task"), mod_revision: "7" }] }]);
  assertEquals(await store.read("task"), null);
  assertEquals((await store.read("task"))?.value, new Uint8Array());
});

Deno.test("read() does not take the answer of another server for a missing record", async () => {
  const { store } = scripted([{}, new Response("<html>", { status: 200 }), failure(404, "Not Found")]);
  await assertRejects(() => store.read("task"), Error, "the answer must hold the revision of etcd");
  await assertRejects(() => store.read("task"), Error, "the answer must hold the revision of etcd");
  await assertRejects(() => store.read("task"), Error, "the address must be one of clients of etcd 3.4 or later");
});

Deno.test("write() compares mod_revision, 0 for a new record, and returns the new revision", async () => {
  const { store, requests } = scripted([{ ...header(8), succeeded: true }, { ...header(9), succeeded: true }]);
  assertEquals(await store.write("task", RECORD, null), "8");
  assertEquals(await store.write("task", RECORD, "8"), "9");
  const compared = requests.map(({ json }) => (json.compare as Record<string, unknown>[])[0]?.mod_revision);
  assertEquals(compared, ["0", "8"]);
});

Deno.test("write() returns null if `succeeded` is left out or false", async () => {
  const { store } = scripted([header(8), { ...header(8), succeeded: false }]);
  assertEquals(await store.write("task", RECORD, null), null);
  assertEquals(await store.write("task", RECORD, "5"), null);
});

Deno.test("write() throws if a conflict follows an attempt that may have been written", async () => {
  using _ = fixedRandom(0);
  for (const unclear of [failure(503, "etcdserver: request timed out"), new TypeError("connection reset")]) {
    const { store } = scripted([unclear, header(8)]);
    await assertRejects(() => store.write("task", RECORD, null), Error, "an earlier attempt may have been written");
  }
});

Deno.test("write() refuses a version that is no revision, and sends nothing", async () => {
  const { store, requests } = scripted([]);
  for (const version of ["", "0", "-1", "x", "1e3"]) {
    await assertRejects(() => store.write("task", RECORD, version), RangeError, "its version must be a revision");
  }
  await assertRejects(() => store.read("\udc00"), RangeError, "without lone surrogates");
  assertEquals(requests, []);
});

Deno.test("several addresses are asked in turn, and the one that answers is kept", async () => {
  using _ = fixedRandom(0);
  const answers = [new TypeError("connection refused"), failure(503, "etcdserver: no leader"), FOUND, FOUND];
  const { store, requests } = scripted(answers, { endpoint: ["http://a/", "http://b", "http://c"] });
  await store.read("task");
  await store.read("task");
  assertEquals(requests.map(({ url }) => new URL(url).host), ["a", "b", "c", "c"]);
});

Deno.test("a user signs in once, and again when the token is not accepted", async () => {
  const rejected = failure(401, "etcdserver: invalid auth token");
  const outdated = failure(400, "etcdserver: revision of auth store is old");
  const answers = [{ token: "first.1" }, FOUND, FOUND, rejected, { token: "second.2" }, FOUND, outdated, {
    token: "third.3",
  }, FOUND];
  const { store, requests } = scripted(answers, USER);
  for (let reads = 0; reads < 4; reads++) assertEquals((await store.read("task"))?.version, "7");
  const tokens = requests.map(({ url, token }) => url.endsWith("/v3/auth/authenticate") ? "sign in" : token);
  assertEquals(tokens, [
    "sign in",
    "first.1",
    "first.1",
    "first.1",
    "sign in",
    "second.2",
    "second.2",
    "sign in",
    "third.3",
  ]);
  assertEquals(requests[0]?.json, { name: "tasks", password: "hidden-password" });
});

Deno.test("a cluster without authentication serves a store with a user", async () => {
  const { store, requests } = scripted([failure(412, "etcdserver: authentication is not enabled"), FOUND], USER);
  assertEquals((await store.read("task"))?.version, "7");
  assertEquals(requests.at(-1)?.token, null);
});

Deno.test("errors have the status and the message of etcd, and neither the password nor the token", async () => {
  const wrong = failure(400, "etcdserver: authentication failed, invalid user ID or password hidden-password");
  const denied = failure(403, "etcdserver: permission denied for secret-token.17");
  const cases = [
    [[wrong], "the user or the password is wrong: current value is HTTP 400 (etcdserver: authentication failed"],
    [[{ token: "secret-token.17" }, denied], "may lack a role with this permission: current value is HTTP 403"],
    [[{ token: "secret token" }], "the answer must hold a token"],
  ] as const;
  for (const [answers, message] of cases) {
    const error = await assertRejects(() => scripted(answers, USER).store.read("task"), Error, message);
    assertEquals(
      /hidden-pass|secret-tok|secret tok/.test(`${error.message}${Deno.inspect(error)}`),
      false,
      error.message,
    );
  }
  const { store } = scripted([failure(400, "etcdserver: user name is empty")]);
  await assertRejects(() => store.read("task"), Error, 'etcd requires the options "user" and "password"');
});

Deno.test("list() reads pages of keys only, and skips keys that no task has", async () => {
  const keys = (...texts: string[]) => texts.map((text) => ({ key: btoa(text), mod_revision: "7" }));
  const first = { ...header(9), kvs: keys("p/", "p/a", "p/\xff", "p/b"), more: true };
  const { store, requests } = scripted([first, { ...header(9), kvs: keys("p/c") }]);
  assertEquals(await keysOf(store), ["a", "b", "c"]);
  const range = { range_end: btoa("p0"), keys_only: true, limit: "100" };
  assertEquals(requests.map(({ json }) => json), [
    { key: btoa("p/"), ...range },
    { key: btoa("p/b\0"), ...range },
  ]);
});

/** An endless stream of messages. */
function streamOf(...messages: unknown[]): Response {
  const text = messages.map((message) => `${JSON.stringify(message)}\n`).join("");
  // in two parts, as a network cuts where it likes
  const bytes = new TextEncoder().encode(text);
  return new Response(
    new ReadableStream({
      start: (controller) => {
        controller.enqueue(bytes.slice(0, 10));
        controller.enqueue(bytes.slice(10));
      },
    }),
  );
}

const BEGUN = { result: { ...header(9), created: true } };

Deno.test("watch() signs in again when the watch is canceled for its token, and passes changes of its key alone on", async () => {
  const canceled = { result: { created: true, canceled: true, cancel_reason: "etcdserver: invalid auth token" } };
  const changed = (name: string) => ({ result: { ...header(9), events: [{ kv: { key: btoa(`p/${name}`) } }] } });
  const answers = [
    { token: "a.1" },
    streamOf(canceled),
    { token: "b.2" },
    streamOf(BEGUN, changed("other"), changed("task")),
  ];
  const { store, requests } = scripted(answers, USER);
  const hints = store.watch?.("task")[Symbol.asyncIterator]();
  assertEquals((await hints?.next())?.done, false);
  assertEquals(requests.map(({ token }) => token), [null, "a.1", null, "b.2"]);
  assertEquals(requests[1]?.json, { create_request: { key: btoa("p/"), range_end: btoa("p0") } });
  await hints?.return?.();
});

Deno.test("watch() fails if etcd ends it, refuses it or does not answer", async () => {
  const canceled = { result: { canceled: true, cancel_reason: "etcdserver: permission denied" } };
  const cases = [
    [streamOf(canceled), "etcd ended the watch: current value is etcdserver: permission denied"],
    [failure(403, "etcdserver: permission denied"), "current value is HTTP 403"],
    [new TypeError("connection refused"), "current value is no answer (connection refused)"],
    [new Response(""), "the stream must not end"],
  ] as const;
  for (const [answer, message] of cases) {
    const { store } = scripted([answer]);
    const hints = store.watch?.("task")[Symbol.asyncIterator]();
    const error = await assertRejects(async () => await hints?.next(), Error);
    assertStringIncludes(error.message, message);
  }
});

import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { ConsulStore, type ConsulStoreOptions } from "../../../stores/consul.ts";
import { fixedRandom } from "../helpers/globals.ts";
import { keysOf } from "../helpers/keys_of.ts";
import { answer, found, refused, scripted } from "./scripted_agent.ts";

const RECORD = new TextEncoder().encode("{}");
const STALE = 'failed to set key "p/task", index is stale';

/** Options that are refused, with a part of the message. */
const REFUSED: readonly [options: unknown, type: typeof RangeError | typeof TypeError, message: string][] = [
  [{ endpoint: 5 }, TypeError, '"endpoint" must be'],
  [{ endpoint: "127.0.0.1:8500" }, RangeError, '"endpoint" must be an http: or https: URL'],
  [{ tokens: "x" }, TypeError, 'did you mean "token"?'],
  [{ token: 5 }, TypeError, '"token" must be a function or a string'],
  [{ token: "hidden token" }, RangeError, '"token" must be a function or a string without spaces'],
  [{ datacenter: "a b" }, RangeError, '"datacenter" must be letters'],
  [{ prefix: "/a/" }, RangeError, '"prefix" must be printable ASCII'],
  [{ prefix: "a//b" }, RangeError, '"prefix" must be printable ASCII'],
  [{ prefix: "a/../b" }, RangeError, '"prefix" must be printable ASCII'],
  [{ prefix: "ä/" }, RangeError, '"prefix" must be printable ASCII'],
  [{ prefix: "a?b" }, RangeError, '"prefix" must be printable ASCII'],
];

for (const [options, type, message] of REFUSED) {
  Deno.test(`ConsulStore refuses ${JSON.stringify(options)}: ${message}`, () => {
    const error = assertThrows(() => new ConsulStore(options as ConsulStoreOptions), type, message);
    assertEquals(error.message.includes("hidden"), false, error.message);
  });
}

Deno.test("read() asks for a consistent answer, and returns the ModifyIndex without a storeTime", async () => {
  const { store, requests } = scripted([found(7), found(8, null)], { datacenter: "dc1", token: "abc" });
  assertEquals(await store.read("a/ü"), { value: RECORD, version: "7" });
  assertEquals((await store.read("task"))?.value, new Uint8Array());
  assertEquals(requests[0], { line: "GET /v1/kv/p/a%252F%25C3%25BC?consistent&dc=dc1", token: "abc", json: null });
});

Deno.test("read() takes a 404 for a missing record only from Consul", async () => {
  const { store } = scripted([answer(404, 5), new Response("", { status: 404 })]);
  assertEquals(await store.read("task"), null);
  await assertRejects(() => store.read("task"), Error, "the address must be that of an agent of Consul");
});

Deno.test("write() is a transaction with cas, 0 for a new record, and returns the index in its answer", async () => {
  const written = (index: number) => Response.json({ Results: [{ KV: { ModifyIndex: index } }], Errors: null });
  const { store, requests } = scripted([written(8), written(9)]);
  assertEquals(await store.write("task", RECORD, null), "8");
  assertEquals(await store.write("task", RECORD, "8"), "9");
  const operations = requests.map(({ line, json }) => {
    const [{ KV: { Flags, ...operation } }] = json as [{ KV: Record<string, unknown> }];
    return { line, hasFlags: Number.isInteger(Flags), operation };
  });
  const sent = (Index: number) => ({
    line: "PUT /v1/txn",
    hasFlags: true,
    operation: { Verb: "cas", Key: "p/task", Value: btoa("{}"), Index },
  });
  assertEquals(operations, [sent(0), sent(8)]);
});

Deno.test("write() returns null if the index is stale, and throws if the permission is missing, both of status 409", async () => {
  const { store } = scripted([refused(STALE), refused("Permission denied: token lacks 'key:write'")]);
  assertEquals(await store.write("task", RECORD, null), null);
  await assertRejects(() => store.write("task", RECORD, null), Error, "the token may lack key:write");
});

Deno.test("write() throws if a conflict follows an attempt that may have been written", async () => {
  using _ = fixedRandom(0);
  for (const unclear of [new Response("No cluster leader", { status: 500 }), new TypeError("connection reset")]) {
    const { store } = scripted([unclear, refused(STALE)]);
    await assertRejects(() => store.write("task", RECORD, null), Error, "an earlier attempt may have been written");
  }
});

Deno.test("write() refuses a version that is no index and a value that is too long, and sends nothing", async () => {
  const { store, requests } = scripted([]);
  for (const version of ["", "0", "x", "99999999999999999"]) {
    await assertRejects(() => store.write("task", RECORD, version), RangeError, "its version must be an index");
  }
  await assertRejects(() => store.write("task", new Uint8Array(524_289), null), RangeError, "at most 524288 bytes");
  for (const name of ["", "\udc00"]) await assertRejects(() => store.read(name), RangeError, "without lone surrogates");
  assertEquals(requests, []);
});

Deno.test("a token that Consul no longer knows is asked for again, once a call, and no error shows one", async () => {
  const unknown = () => new Response("ACL not found for secret-token-2", { status: 403 });
  let calls = 0;
  const token = (options?: { readonly fresh?: boolean }) => `secret-token-${options?.fresh ? 2 : (calls++, 1)}`;
  const { store, requests } = scripted([unknown(), found(7), unknown(), unknown()], { token });
  assertEquals((await store.read("task"))?.version, "7");
  const error = await assertRejects(() => store.read("task"), Error, "Consul does not know the token");
  assertEquals(requests.map(({ token }) => token?.at(-1)), ["1", "2", "1", "2"]);
  assertEquals([calls, error.message.includes("secret-token")], [2, false]);
});

Deno.test("list() reads the names directly below the prefix, and skips keys that no task has", async () => {
  const keys = ["p/", "p/a", "p/b%2Fc", "p/%zz", "p/d e", "p/folder/", "q/x"];
  const { store, requests } = scripted([answer(200, 5, keys), answer(404, 5)]);
  assertEquals(await keysOf(store), ["a", "b/c"]);
  assertEquals(await keysOf(store), []);
  assertEquals(requests[0]?.line, "GET /v1/kv/p/?keys&separator=%2F&consistent");
});

/** The next hint, or the end of the hints. */
async function next(hints: AsyncIterator<void> | undefined): Promise<boolean> {
  return (await hints?.next())?.done === false;
}

Deno.test("watch() waits for the next index, and begins again when it goes backwards", async () => {
  const { store, requests } = scripted([found(7), found(9), found(4), found(4), found(5)]);
  const hints = store.watch?.("task")[Symbol.asyncIterator]();
  for (let changes = 0; changes < 4; changes++) assertEquals(await next(hints), true);
  assertEquals(
    requests.map(({ line }) => line.replace("GET /v1/kv/p/task", "")),
    [
      "",
      "?index=7&wait=60s",
      "?index=9&wait=60s",
      "",
      "?index=4&wait=60s",
      "?index=5&wait=60s",
    ].slice(0, requests.length),
  );
  await hints?.return?.();
});

Deno.test("watch() gives no hint if only another key has changed", async () => {
  const { store, requests } = scripted([answer(404, 5), answer(404, 6)]);
  const hints = store.watch?.("task")[Symbol.asyncIterator]();
  assertEquals(await next(hints), true);
  const second = next(hints);
  const pause = new Promise<string>((resolve) => setTimeout(() => resolve("none"), 200));
  assertEquals(await Promise.race([second, pause]), "none");
  // the pause after a change of another key has not ended
  assertEquals(requests.length, 2);
  await hints?.return?.();
  assertEquals(await second, false);
});

Deno.test("watch() fails if Consul refuses it or does not answer", async () => {
  for (
    const [failure, message] of [
      [new Response("Permission denied", { status: 403 }), "the token may lack key:read for the key"],
      [new TypeError("connection refused"), "current value is no answer (connection refused)"],
    ] as const
  ) {
    const { store } = scripted([failure]);
    await assertRejects(() => next(store.watch?.("task")[Symbol.asyncIterator]()), Error, message);
  }
});

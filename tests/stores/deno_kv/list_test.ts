import { makeInMemoryService, openKv } from "@deno/kv";
import { DenoKvStore, type Kv, type KvKey, type KvListIterator } from "@neat/periodic-task/stores/deno-kv";
import { assertEquals, assertRejects } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { keysOf } from "../helpers/keys_of.ts";
import { settle } from "../helpers/settle.ts";
import { ScriptedKv } from "./scripted_kv.ts";

const BYTES = new Uint8Array([1, 2, 3]);

/** A database whose listings are scripted: each call gets the next page. */
function kvOf(...pages: (() => readonly KvKey[] | Promise<readonly KvKey[]>)[]): Kv & { readonly calls: unknown[][] } {
  const calls: unknown[][] = [];
  const list = (...call: unknown[]): KvListIterator => {
    calls.push(call);
    const page = pages[calls.length - 1];
    return {
      cursor: `cursor ${calls.length}`,
      async *[Symbol.asyncIterator]() {
        for (const key of await page?.() ?? []) yield { key };
      },
    };
  };
  return Object.assign(new ScriptedKv(), { list, calls });
}

/** The keys of a page, of which some databases return no more than the limit. */
function page(start: number, length: number): () => KvKey[] {
  return () => Array.from({ length }, (_, index) => ["neat-periodic-task", `task-${start + index}`]);
}

Deno.test("list() yields the keys below the prefix, over several pages, in all databases", async () => {
  const databases: readonly (Kv & Disposable)[] = [
    await Deno.openKv(":memory:"),
    await openKv(":memory:") as never,
    await makeInMemoryService().openKv("list") as never,
  ];
  for (const kv of databases) {
    const names = Array.from({ length: 230 }, (_, index) => `task ${index}/é`);
    for (const prefix of [["neat-periodic-task"], ["neat-periodic-task", "deeper"], [], [new Uint8Array([7]), 1n]]) {
      const store = new DenoKvStore({ kv, prefix });
      for (const name of prefix.length === 1 ? names : ["only"]) await store.write(name, BYTES, null);
    }
    assertEquals((await keysOf(new DenoKvStore({ kv }))).toSorted(), names.toSorted());
    assertEquals(await keysOf(new DenoKvStore({ kv, prefix: [] })), ["only"]);
    assertEquals(await keysOf(new DenoKvStore({ kv, prefix: [new Uint8Array([7]), 1n] })), ["only"]);
    assertEquals(await keysOf(new DenoKvStore({ kv, prefix: ["neat-periodic"] })), []);
    (kv as unknown as Deno.Kv).close();
  }
});

Deno.test("list() skips keys of other programs: deeper ones, and names that are not strings", async () => {
  using kv = await Deno.openKv(":memory:");
  const store = new DenoKvStore({ kv });
  const others: Deno.KvKey[] = [[], ["deep", "er"], [1], [2n], [true], [new Uint8Array(1)]];
  for (const rest of others) await kv.set(["neat-periodic-task", ...rest], BYTES);
  await store.write("task", BYTES, null);
  assertEquals(await keysOf(store), ["task"]);
});

Deno.test("list() reads pages of 100 entries, strongly consistent, as they are consumed", async () => {
  const kv = kvOf(page(0, 100), page(100, 100), page(200, 1));
  const keys = new DenoKvStore({ kv }).list()[Symbol.asyncIterator]();
  for (let index = 0; index < 100; index++) assertEquals((await keys.next()).value, `task-${index}`);
  const selector = { prefix: ["neat-periodic-task"] };
  const first = [selector, { limit: 100, consistency: "strong" }];
  assertEquals(kv.calls, [first]);
  assertEquals((await keys.next()).value, "task-100");
  const second = [selector, { limit: 100, consistency: "strong", cursor: "cursor 1" }];
  assertEquals(kv.calls, [first, second]);
  await keys.return?.();
  assertEquals(await keys.next(), { done: true, value: undefined });
  assertEquals(kv.calls.length, 2);
});

Deno.test("list() goes on after a page that holds only entries of other programs", async () => {
  const foreign = (): KvKey[] => Array.from({ length: 100 }, (_, index) => ["neat-periodic-task", index]);
  const kv = kvOf(foreign, page(0, 1));
  assertEquals(await keysOf(new DenoKvStore({ kv })), ["task-0"]);
});

Deno.test("list() throws the reason of its signal, before it, during a page and between two keys", async () => {
  const never = (): Promise<never> => new Promise(() => {});
  const aborted = AbortSignal.abort(new Error("before"));
  const unused = kvOf();
  await assertRejects(() => keysOf(new DenoKvStore({ kv: unused }), aborted), Error, "before");
  assertEquals(unused.calls, []);
  for (const kv of [kvOf(never), kvOf(page(0, 100), never)]) {
    const controller = new AbortController();
    const listed = keysOf(new DenoKvStore({ kv }), controller.signal);
    setTimeout(() => controller.abort(new Error("during")), 0);
    await assertRejects(() => listed, Error, "during");
  }
  const controller = new AbortController();
  const { signal } = controller;
  const keys = new DenoKvStore({ kv: kvOf(page(0, 3)) }).list({ signal })[Symbol.asyncIterator]();
  assertEquals((await keys.next()).value, "task-0");
  controller.abort(new Error("between"));
  await assertRejects(() => keys.next(), Error, "between");
});

Deno.test("list() limits each page by requestTimeout, and tries again while the database is locked", async () => {
  using time = new FakeTime();
  const locked = (): never => {
    throw new TypeError("database is locked");
  };
  const slow = (keys: () => KvKey[]) => () => new Promise<KvKey[]>((resolve) => setTimeout(() => resolve(keys()), 700));
  const kv = kvOf(locked, slow(page(0, 100)), slow(page(100, 5)));
  const { value } = await settle(time, keysOf(new DenoKvStore({ kv, requestTimeout: 1_000 })));
  assertEquals(value?.length, 105);
  const hung = kvOf(page(0, 100), () => new Promise(() => {}));
  const { error, afterMs } = await settle(time, keysOf(new DenoKvStore({ kv: hung, requestTimeout: 1_000 })));
  const message = 'Cannot list the records below ["neat-periodic-task"] of Deno KV as it did not answer within ' +
    "requestTimeout: current value is 1000 ms";
  assertEquals([error?.message, afterMs], [message, 1_000]);
});

Deno.test("list() throws if the database can't list", async () => {
  await assertRejects(
    () => keysOf(new DenoKvStore({ kv: new ScriptedKv() })),
    TypeError,
    'Cannot list the records below ["neat-periodic-task"] of Deno KV as "kv" must have a method list(): current value',
  );
});

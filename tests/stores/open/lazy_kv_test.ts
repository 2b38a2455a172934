// A database of Deno KV that opens late, or never.

import { DenoKvStore } from "@neat/periodic-task/stores/deno-kv";
import { assertEquals, assertRejects } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { LazyKv } from "../../../stores/open/lazy_kv.ts";
import { OwningStore } from "../../../stores/open/opened_store.ts";
import { ScriptedKv } from "../deno_kv/scripted_kv.ts";

type OwnKv = ScriptedKv & { close(): void };

class Opener {
  readonly openings: PromiseWithResolvers<OwnKv>[] = [];
  closed = 0;
  readonly lazy: LazyKv<OwnKv> = new LazyKv({
    openKv: () => {
      const opening = Promise.withResolvers<OwnKv>();
      this.openings.push(opening);
      return opening.promise;
    },
    storeOn: (kv) => new DenoKvStore({ kv }),
    limitMs: 100,
  });
  readonly store: OwningStore = new OwningStore({
    store: this.lazy.storeFor(false),
    prepare: () => this.lazy.prepare(),
    limitMs: 100,
    close: () => this.lazy.close(),
  });

  open(index: number): void {
    this.openings[index]?.resolve(Object.assign(new ScriptedKv(), { close: () => this.closed++ }));
  }
}

Deno.test("deno-kv: a database that does not open fails its calls in time, is closed when it opens late, and is opened anew", async () => {
  using time = new FakeTime();
  const opener = new Opener();
  const read = assertRejects(() => opener.store.read("a"), Error, 'did not answer within the "timeout" of its URL');
  await time.tickAsync(100);
  await read;
  opener.open(0);
  await time.runMicrotasks();
  assertEquals(opener.closed, 1);
  const again = opener.store.read("a");
  opener.open(1);
  assertEquals(await again, null);
  assertEquals(await opener.store.read("b"), null);
  assertEquals([opener.openings.length, opener.closed], [2, 1]);
  await opener.store.close();
  assertEquals(opener.closed, 2);
});

Deno.test("deno-kv: close() does not wait for a database that does not open, and closes it when it does", async () => {
  using time = new FakeTime();
  const opener = new Opener();
  const read = assertRejects(() => opener.store.read("a"), Error, "closed");
  await time.runMicrotasks();
  await opener.store.close();
  opener.open(0);
  await read;
  assertEquals(opener.closed, 1);
});

Deno.test("deno-kv: a database in which no store can be is closed", async () => {
  let closed = 0;
  const lazy = new LazyKv({
    openKv: () => Promise.resolve(Object.assign(new ScriptedKv(), { close: () => closed++ })),
    storeOn: () => {
      throw new RangeError("prefix");
    },
    limitMs: 100,
  });
  await assertRejects(async () => await lazy.prepare(), RangeError, "prefix");
  assertEquals(closed, 1);
});

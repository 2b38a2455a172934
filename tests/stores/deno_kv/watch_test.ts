import { openKv } from "@deno/kv";
import { DenoKvStore, type Kv, type KvWatchStream } from "@neat/periodic-task/stores/deno-kv";
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { abortListeners } from "../../helpers/abort_listeners.ts";
import { ScriptedKv } from "./scripted_kv.ts";

const BYTES = new Uint8Array([1, 2, 3]);

/** A database with one stream, which the test controls. */
class WatchedKv extends ScriptedKv {
  readonly keys: unknown[] = [];
  readonly options: unknown[] = [];
  cancels = 0;
  controller: ReadableStreamDefaultController<unknown> | undefined;

  watch(keys: unknown, options?: unknown): KvWatchStream {
    this.keys.push(keys);
    this.options.push(options);
    return new ReadableStream({
      start: (controller) => {
        this.controller = controller;
        controller.enqueue([]);
      },
      cancel: () => void this.cancels++,
    });
  }
}

/** Starts a watch of the key "task". */
function hintsOf(kv: Kv, signal?: AbortSignal): AsyncIterator<void> {
  const hints = new DenoKvStore({ kv, watch: true }).watch?.("task", signal && { signal });
  assert(hints, "the store can't watch");
  return hints[Symbol.asyncIterator]();
}

Deno.test("watch() yields after a write of another connection, in databases of Deno and of @deno/kv", async () => {
  const folder = await Deno.makeTempDir({ prefix: "periodic_task_" });
  try {
    for (const [name, open] of Object.entries({ deno: Deno.openKv, npm: openKv })) {
      const file = `${folder}/${name}.sqlite3`;
      const [one, other]: Deno.Kv[] = [await open(file) as Deno.Kv, await open(file) as Deno.Kv];
      const hints = hintsOf(one!);
      assertEquals((await hints.next()).done, false);
      await new DenoKvStore({ kv: other! }).write("task", BYTES, null);
      assertEquals((await hints.next()).done, false);
      await hints.return?.();
      for (const kv of [one, other]) kv?.close();
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a write after the end of a watch that waits is answered, in databases of Deno and of @deno/kv", async () => {
  for (const open of [Deno.openKv, openKv]) {
    const kv = await open(":memory:") as Deno.Kv;
    for (let index = 0; index < 3; index++) {
      const hints = hintsOf(kv);
      await hints.next();
      const next = hints.next();
      await hints.return?.();
      assertEquals((await next).done, true);
      await new DenoKvStore({ kv }).write(`task-${index}`, BYTES, null);
    }
    kv.close();
  }
});

Deno.test("the store has watch() with a database of Deno, and with others if the option says so", async () => {
  using kv = await Deno.openKv(":memory:");
  const present = (kv: Kv, watch?: boolean): boolean =>
    new DenoKvStore({ kv, ...watch !== undefined && { watch } }).watch !== undefined;
  assertEquals([present(kv), present(kv, false), present(kv, true)], [true, false, true]);
  const other = new WatchedKv();
  assertEquals([present(other), present(other, false), present(other, true)], [false, false, true]);
  assertEquals(present(new ScriptedKv()), false);
  const message =
    'Cannot create the Deno KV store as "kv" must have a method watch(), as "watch" is true: current value';
  assertThrows(() => present(new ScriptedKv(), true), TypeError, message);
  const invalid = { kv, watch: "yes" } as never;
  assertThrows(() => new DenoKvStore(invalid), TypeError, '"watch" must be a boolean: current value is "yes"');
});

Deno.test("watch() starts at its consumer, with the key of the record", async () => {
  const kv = new WatchedKv();
  const watch = new DenoKvStore({ kv, watch: true }).watch?.("task");
  assertEquals(kv.keys, []);
  const hints = watch?.[Symbol.asyncIterator]();
  assertEquals([kv.keys, kv.options], [[[["neat-periodic-task", "task"]]], [{ raw: true }]]);
  await hints?.return?.();
});

Deno.test("watch() ends and cancels the stream at an abort or a return, even while it waits", async () => {
  const controller = new AbortController();
  const ends = [() => controller.abort(new Error("stop")), (hints: AsyncIterator<void>) => void hints.return?.()];
  for (const end of ends) {
    const kv = new WatchedKv();
    const hints = hintsOf(kv, controller.signal.aborted ? undefined : controller.signal);
    await hints.next();
    const next = hints.next();
    end(hints);
    assertEquals([(await next).done, (await hints.next()).done], [true, true]);
    assertEquals(kv.cancels, 1);
  }
  const unused = new WatchedKv();
  assertEquals([(await hintsOf(unused, AbortSignal.abort()).next()).done, unused.keys], [true, []]);
});

Deno.test("a watch that ends before it has begun leaves no resource of the database", async () => {
  for (const open of [Deno.openKv, openKv]) {
    const kv = await open(":memory:") as Deno.Kv;
    const hints = hintsOf(kv);
    await hints.return?.();
    kv.close();
  }
});

Deno.test("watch() leaves no listener at its signal", async () => {
  const { signal, count } = abortListeners();
  const hints = hintsOf(new WatchedKv(), signal);
  assertEquals(count(), 1);
  await hints.return?.();
  assertEquals(count(), 0);
});

Deno.test("watch() ends when the stream ends, and throws what the database throws", async () => {
  const ended = new WatchedKv();
  const hints = hintsOf(ended);
  await hints.next();
  ended.controller?.close();
  assertEquals((await hints.next()).done, true);
  const failing = new WatchedKv();
  const failed = hintsOf(failing);
  await failed.next();
  failing.controller?.error(new Error("connection lost"));
  await assertRejects(() => failed.next(), Error, "connection lost");
  assertEquals((await failed.next()).done, true);
  const refusing = Object.assign(new ScriptedKv(), {
    watch: () => {
      throw new Error("watch: not implemented");
    },
  });
  const refused = hintsOf(refusing);
  await assertRejects(() => refused.next(), Error, "watch: not implemented");
});

Deno.test("watch() throws for a key that Deno KV can't hold", async () => {
  const hints = new DenoKvStore({ kv: new WatchedKv(), watch: true }).watch?.("\ud800")[Symbol.asyncIterator]();
  await assertRejects(async () => await hints?.next(), RangeError, "Cannot use the key in Deno KV");
});

import { openKv } from "@deno/kv";
import { DenoKvStore, type Kv, type KvWatchStream } from "@neat/periodic-task/stores/deno-kv";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { abortListeners } from "../../helpers/abort_listeners.ts";
import { ScriptedKv } from "./scripted_kv.ts";

const BYTES = new Uint8Array([1, 2, 3]);

/** A database with one stream, which the test controls. */
class WatchedKv extends ScriptedKv {
  readonly keys: unknown[] = [];
  cancels = 0;
  controller: ReadableStreamDefaultController<unknown> | undefined;

  watch(keys: unknown): KvWatchStream {
    this.keys.push(keys);
    return new ReadableStream({
      start: (controller) => void (this.controller = controller),
      cancel: () => void this.cancels++,
    });
  }
}

/** Starts a watch of the key "task". */
function hintsOf(kv: Kv, signal?: AbortSignal): AsyncIterator<void> {
  const hints = new DenoKvStore({ kv }).watch?.("task", signal && { signal });
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

Deno.test("watch() is absent if the database can't watch", () => {
  assertEquals(new DenoKvStore({ kv: new ScriptedKv() }).watch, undefined);
});

Deno.test("watch() starts at its consumer, with the key of the record", async () => {
  const kv = new WatchedKv();
  const watch = new DenoKvStore({ kv }).watch?.("task");
  assertEquals(kv.keys, []);
  const hints = watch?.[Symbol.asyncIterator]();
  assertEquals(kv.keys, [[["neat-periodic-task", "task"]]]);
  await hints?.return?.();
});

Deno.test("watch() ends and cancels the stream at an abort or a return, even while it waits", async () => {
  const controller = new AbortController();
  const ends = [() => controller.abort(new Error("stop")), (hints: AsyncIterator<void>) => void hints.return?.()];
  for (const end of ends) {
    const kv = new WatchedKv();
    const hints = hintsOf(kv, controller.signal.aborted ? undefined : controller.signal);
    const next = hints.next();
    end(hints);
    assertEquals([(await next).done, (await hints.next()).done, kv.cancels], [true, true, 1]);
  }
  const unused = new WatchedKv();
  assertEquals([(await hintsOf(unused, AbortSignal.abort()).next()).done, unused.keys], [true, []]);
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
  ended.controller?.close();
  assertEquals((await hints.next()).done, true);
  const failing = new WatchedKv();
  const failed = hintsOf(failing);
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
  const hints = new DenoKvStore({ kv: new WatchedKv() }).watch?.("\ud800")[Symbol.asyncIterator]();
  await assertRejects(async () => await hints?.next(), RangeError, "Cannot use the key in Deno KV");
});

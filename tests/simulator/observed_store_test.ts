import { assertEquals, assertRejects } from "@std/assert";
import { MemoryStore, type StatusStore } from "../../mod.ts";
import { ObservedStore } from "../../src/simulator/observed_store.ts";

/** A store whose calls are written to a list in place of a history. */
function observed(store: StatusStore): { readonly store: ObservedStore; readonly noted: unknown[] } {
  const noted: unknown[] = [];
  const history = {
    callSent: (_scheduler: unknown, kind: string, _value: unknown, signal?: AbortSignal) => {
      noted.push(`${kind} sent`);
      return { sentMs: 1, signal };
    },
    callEnded: (_call: unknown, failed: boolean) => void noted.push(failed ? "failed" : "ended"),
    readAnswered: (_call: unknown, entry: { readonly version: string } | null) =>
      void noted.push(entry?.version ?? null),
    refresh: () => {},
  };
  const clock = { observe: () => {} };
  return { store: new ObservedStore(store, history as never, clock as never, {} as never), noted };
}

Deno.test("ObservedStore.readMany() counts as a read of each key, and is absent if the store lacks it", async () => {
  const inner = Object.assign(new MemoryStore(), { readsTogether: true });
  const version = await inner.write("a", new Uint8Array([1]), null);
  const { store, noted } = observed(inner);
  assertEquals((await store.readMany?.(["a", "none"]))?.map((entry) => entry?.version), [version!, undefined]);
  assertEquals(noted.toSorted(), ["read sent", "read sent", "ended", "ended", version, null].toSorted());
  assertEquals(store.readsTogether, true);
  const { read, write } = inner;
  const without = observed({ read, write }).store;
  assertEquals([without.readMany, without.readsTogether], [undefined, undefined]);
});

Deno.test("ObservedStore.readMany() fails as the store does", async () => {
  const inner = Object.assign(new MemoryStore(), { readMany: () => Promise.reject(new Error("down")) });
  const { store, noted } = observed(inner);
  await assertRejects(async () => await store.readMany?.(["a", "b"]), Error, "down");
  assertEquals(noted, ["read sent", "read sent", "failed", "failed"]);
});

// The store checks on a server of NATS, races of two clients, markers and buckets that can't be used.

import { assert, assertEquals, assertRejects } from "@std/assert";
import { Kvm } from "@nats-io/kv";
import { storeChecks } from "@neat/periodic-task/testing";
import { checkStore, type NatsKv, NatsStore, type StatusStore } from "../../../stores/nats.ts";
import { type OpenStore, openStore, serverTest } from "./server.ts";

/** A bucket that never answers, or answers each call with an error. */
function bucketOf(call: () => Promise<never>): NatsKv {
  return { get: call, create: call, update: call, keys: call, status: call, watch: call };
}

serverTest("NATS passes the store checks", async (t, { url, version }) => {
  console.log(`nats-server ${version}`);
  const opened = new Map<StatusStore, OpenStore>();
  const open = async (): Promise<NatsStore> => {
    const one = await openStore(url);
    opened.set(one.store, one);
    return one.store;
  };
  const checks = storeChecks({
    open,
    close: (store) => opened.get(store)?.[Symbol.asyncDispose](),
    openHung: (requestTimeout) => new NatsStore({ kv: bucketOf(() => new Promise(() => {})), requestTimeout }),
    openFailing: () => new NatsStore({ kv: bucketOf(() => Promise.reject(new Error("503"))) }),
    maxKeyBytes: 2_000,
    raceRounds: 100,
    report: (line) => console.log(line),
  });
  for (const { name, run, skipped } of checks) await t.step({ name, ignore: skipped !== undefined, fn: run });
});

serverTest("NATS with an empty prefix passes checkStore()", async (_t, { url }) => {
  await using opened = await openStore(url, { store: { prefix: "" } });
  await checkStore(opened.store, { list: true, watch: true });
});

serverTest("of two clients that write at once, exactly one wins, 300 times", async (_t, { url }) => {
  await using one = await openStore(url);
  await using other = await openStore(url);
  let version: string | null = null;
  for (let round = 0; round < 300; round++) {
    const base = version;
    const results = await Promise.all(
      [one, other].map(({ store }, by) => store.write("raced", new TextEncoder().encode(`${round} by ${by}`), base)),
    );
    const winners = results.flatMap((written, by) => written === null ? [] : [{ written, by }]);
    assertEquals(winners.length, 1, `round ${round}`);
    const entry = await one.store.read("raced");
    assert(entry);
    const found = { value: new TextDecoder().decode(entry.value), version: entry.version };
    assertEquals(found, { value: `${round} by ${winners[0]?.by}`, version: winners[0]?.written });
    version = entry.version;
  }
});

serverTest(
  "a record that was deleted or purged is none, is not listed, and never has its version again",
  async (_t, nats) => {
    await using opened = await openStore(nats.url);
    const { store, connection } = opened;
    const kv = await new Kvm(connection).open("tasks", { allow_direct: false });
    const record = new TextEncoder().encode("{}");
    const versions: (string | null)[] = [];
    for (const remove of ["delete", "purge"] as const) {
      const version = await store.write("task", record, null);
      versions.push(version);
      await kv[remove]("neat-periodic-task.task");
      assertEquals(await store.read("task"), null);
      for await (const name of store.list()) assertEquals(name, undefined);
      assertEquals(await store.write("task", record, version), null);
    }
    versions.push(await store.write("task", record, null));
    assertEquals(new Set(versions).size, 3);
  },
);

serverTest("a bucket with direct reads is refused at each call, with the reason", async (_t, { url }) => {
  await using opened = await openStore(url, { bucket: { allow_direct: true } });
  const { store } = opened;
  const message = 'may answer a read with an older record; create it with "allow_direct: false"';
  for (let calls = 0; calls < 2; calls++) {
    await assertRejects(() => store.read("task"), Error, message);
    await assertRejects(() => store.write("task", new Uint8Array(), null), Error, message);
  }
});

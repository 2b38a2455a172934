// The store checks, against databases of Deno: in memory, and a file with a connection for each client.

import { DenoKvStore, type Kv, type KvAtomicOperation } from "@neat/periodic-task/stores/deno-kv";
import { storeChecks, type StoreChecksOptions } from "@neat/periodic-task/testing";

/** On a file, 1,000 rounds take some 20 s. */
const isThorough = Deno.env.get("NEAT_TEST_STORES") === "1";

/** A database whose calls all have the same result. */
function kvOf(answer: () => Promise<never>): Kv {
  const operation: KvAtomicOperation = { check: () => operation, set: () => operation, commit: answer };
  return { get: answer, atomic: () => operation };
}

/** Runs all checks as steps. */
async function check(
  t: Deno.TestContext,
  raceRounds: number,
  clients: Pick<StoreChecksOptions, "open" | "close">,
): Promise<void> {
  const closed = await Deno.openKv(":memory:");
  closed.close();
  const checks = storeChecks({
    ...clients,
    openHung: (requestTimeout) => new DenoKvStore({ kv: kvOf(() => new Promise(() => {})), requestTimeout }),
    openFailing: () => new DenoKvStore({ kv: closed }),
    maxKeyBytes: 2_000,
    raceRounds: isThorough ? 1_000 : raceRounds,
    report: isThorough ? (line) => console.log(line) : undefined,
  });
  for (const { name, run, skipped } of checks) await t.step({ name, ignore: skipped !== undefined, fn: run });
}

Deno.test("a database in memory passes the store checks", async (t) => {
  using kv = await Deno.openKv(":memory:");
  await check(t, 200, { open: () => new DenoKvStore({ kv }) });
});

Deno.test("a file with a connection for each client passes the store checks", async (t) => {
  const folder = await Deno.makeTempDir({ prefix: "periodic_task_" });
  const connections = new Map<unknown, Deno.Kv>();
  try {
    await check(t, 20, {
      open: async () => {
        const kv = await Deno.openKv(`${folder}/kv.sqlite3`);
        const store = new DenoKvStore({ kv });
        connections.set(store, kv);
        return store;
      },
      close: (store) => connections.get(store)?.close(),
    });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

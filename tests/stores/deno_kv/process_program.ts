// deno run --unstable-kv -A tests/stores/deno_kv_process.ts PATH INCREMENTS
//
// One of several processes that count together in the record of one Deno KV file. Waits for a line on stdin, then prints, as
// JSON, how many increments it made, how many conflicts and unknown outcomes it met and how often the database was locked.

import { DenoKvStore, type Kv } from "../../../stores/deno_kv.ts";

const [path = "", increments = "0"] = Deno.args;
const tally = { made: 0, conflicts: 0, unknown: 0, locked: 0 };

/** Opens the database, which is refused too while another process is making the file. */
async function open(): Promise<Deno.Kv> {
  for (;;) {
    try {
      return await Deno.openKv(path);
    } catch (error) {
      if (!(error instanceof Error && error.message === "database is locked")) throw error;
    }
  }
}

using kv = await open();
/** The same database, which also counts what it refuses. */
const counted: Kv = {
  get: (key, options) => kv.get(key, options),
  atomic: () => {
    const operation = kv.atomic();
    const commit = operation.commit.bind(operation);
    operation.commit = () =>
      commit().catch((error) => {
        if (error instanceof Error && error.message === "database is locked") tally.locked++;
        throw error;
      });
    return operation;
  },
};
const store = new DenoKvStore({ kv: counted });

console.log("ready");
await Deno.stdin.read(new Uint8Array(1));
while (tally.made < Number(increments)) {
  const entry = await store.read("count");
  const count = Number(new TextDecoder().decode(entry?.value)) + 1;
  try {
    const version = await store.write("count", new TextEncoder().encode(String(count)), entry?.version ?? null);
    if (version) tally.made++;
    else tally.conflicts++;
  } catch {
    tally.unknown++;
  }
}
console.log(JSON.stringify(tally));

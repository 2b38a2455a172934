// deno run --unstable-kv -A tests/stores/deno_kv/process_program.ts PATH INCREMENTS
//
// One of several processes that count in the record of one Deno KV file. Waits for a line on stdin. Then prints, as JSON, the
// number of increments, conflicts, unknown outcomes and locks.

import { DenoKvStore } from "../../../stores/deno_kv.ts";
import { countLocks } from "./counted_locks.ts";

const [path = "", increments = "0"] = Deno.args;
const tally = { written: 0, conflicts: 0, unknown: 0, locked: 0 };

/** Opens the database. That fails, too, while another process creates the file. */
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
const store = new DenoKvStore({ kv: countLocks(kv, () => tally.locked++) });

console.log("ready");
await Deno.stdin.read(new Uint8Array(1));
while (tally.written < Number(increments)) {
  const entry = await store.read("count");
  const next = Number(new TextDecoder().decode(entry?.value)) + 1;
  try {
    const version = await store.write("count", new TextEncoder().encode(String(next)), entry?.version ?? null);
    if (version) tally.written++;
    else tally.conflicts++;
  } catch {
    tally.unknown++;
  }
}
console.log(JSON.stringify(tally));

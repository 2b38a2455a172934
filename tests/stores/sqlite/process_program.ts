// deno run -A tests/stores/sqlite/process_program.ts count PATH INCREMENTS
// deno run -A tests/stores/sqlite/process_program.ts lock PATH MILLISECONDS
//
// One of several processes that use one SQLite file. Both print "ready" first. The first waits for a line on stdin, counts in the
// record, and prints, as JSON, the number of increments, conflicts and unknown outcomes. The second locks the file, and
// keeps the lock for a time after the line.

import { DatabaseSync } from "node:sqlite";
import { SqliteStore } from "../../../stores/sqlite.ts";

const [mode = "", path = "", amount = "0"] = Deno.args;

async function ready(): Promise<void> {
  console.log("ready");
  await Deno.stdin.read(new Uint8Array(1));
}

async function count(database: DatabaseSync): Promise<void> {
  const tally = { written: 0, conflicts: 0, unknown: 0 };
  const store = new SqliteStore({ database });
  await ready();
  while (tally.written < Number(amount)) {
    const entry = await store.read("count");
    // lets others write in between
    await new Promise((resolve) => setTimeout(resolve, 2 * Math.random()));
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
}

async function lock(database: DatabaseSync): Promise<void> {
  database.exec("BEGIN EXCLUSIVE");
  await ready();
  await new Promise((resolve) => setTimeout(resolve, Number(amount)));
  database.exec("COMMIT");
}

const database = new DatabaseSync(path);
await (mode === "lock" ? lock(database) : count(database));
database.close();

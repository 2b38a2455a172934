/**
 * How does a database refuse what an outdated run still writes?
 *
 * The first run ignores its timeout, like a process that is paused for a while, and a second run writes its result. When the first
 * one continues and writes too, the database refuses it, because it has stored a higher term.
 *
 *   deno run examples/fencing.ts
 */
import { NeatPeriodicTaskScheduler, type Run } from "@neat/periodic-task";
import { DatabaseSync } from "node:sqlite";

using database = new DatabaseSync(":memory:");
database.exec("CREATE TABLE summary (id INTEGER PRIMARY KEY, text TEXT NOT NULL, term INTEGER NOT NULL)");

/** Stores a summary, unless a run with a higher term has stored one. */
function save(text: string, term: number): boolean {
  const { changes } = database
    .prepare(
      `INSERT INTO summary VALUES (1, ?, ?)
       ON CONFLICT (id) DO UPDATE SET text = excluded.text, term = excluded.term WHERE term <= excluded.term`,
    )
    .run(text, term);
  return Number(changes) > 0;
}

const resumed = Promise.withResolvers<void>();
const firstRun = Promise.withResolvers<void>();

async function summarise({ term }: Run): Promise<void> {
  if (term === 1) await resumed.promise;
  console.log(`term ${term}: ${save(`by run ${term}`, term) ? "stored" : "refused"}`);
  if (term === 1) firstRun.resolve();
}

await using scheduler = new NeatPeriodicTaskScheduler({
  name: "summary",
  interval: { hours: 1 },
  timeout: { milliseconds: 500 },
  task: summarise,
});
await scheduler.trigger(); // times out; the task does not return
await scheduler.trigger();
resumed.resolve();
await firstRun.promise;
console.log(database.prepare("SELECT text, term FROM summary").get());

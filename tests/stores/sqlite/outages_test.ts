// The rows of docs/stores/faults.md for SQLite: a scheduler with each fault during a run, on a file, and on a fake of a libSQL server
// for the faults of connections and servers.

import { SqliteStore } from "@neat/periodic-task/stores/sqlite";
import { DatabaseSync } from "node:sqlite";
import { FakeLibsql } from "../../../internal/servers/fake_libsql.ts";
import { FaultServer } from "../../../internal/servers/fault_server.ts";
import type { Fault } from "../../../internal/servers/fault_service.ts";
import { inTempFolder } from "../../helpers/runtimes.ts";
import { faultTest, type StoreFault, surviveFault } from "../helpers/outage.ts";
import { openLibsql } from "./libsql.ts";

faultTest("faults of a file during a run are logged, the run finishes, and the task is back", async (t) => {
  await inTempFolder(async (folder) => {
    const path = `${folder}/tasks.sqlite3`;
    const database = new DatabaseSync(path);
    const other = new DatabaseSync(path);
    const store = new SqliteStore({ database, requestTimeout: 1_000 });
    const pragma = (name: string): number => Number(Object.values(database.prepare(`PRAGMA ${name}`).get() ?? {})[0]);
    const faults: Readonly<Record<string, StoreFault>> = {
      "a file that another connection has locked": {
        begin: () => other.exec("BEGIN EXCLUSIVE"),
        end: () => other.exec("COMMIT"),
        // the limit may end during a wait for the lock
        logs: /database is locked|it did not answer within requestTimeout/,
      },
      "a connection that is in a transaction of other code": {
        begin: () => database.exec("BEGIN"),
        end: () => database.exec("COMMIT"),
        logs: /the connection is in a transaction that the store has not begun/,
      },
      "a connection that only allows reads": {
        begin: () => database.exec("PRAGMA query_only = ON"),
        end: () => database.exec("PRAGMA query_only = OFF"),
        logs: /attempt to write a readonly database/,
      },
      "a full disk": {
        begin: () => {
          // leaves no room for a longer record
          database.exec("CREATE TABLE filler (bytes BLOB)");
          database.exec(`PRAGMA max_page_count = ${pragma("page_count")}`);
          database.exec("INSERT INTO filler VALUES (zeroblob(1))");
          const trigger = "INSERT INTO filler VALUES (zeroblob(10000))";
          database.exec(`CREATE TEMP TRIGGER fill AFTER UPDATE ON neat_periodic_task BEGIN ${trigger}; END`);
        },
        end: () => {
          database.exec("PRAGMA max_page_count = 1000000");
          database.exec("DROP TRIGGER fill");
        },
        logs: /database or disk is full/,
      },
      // its records are lost; the terms go on
      "a missing table": {
        begin: () => database.exec("DROP TABLE neat_periodic_task"),
        warns: /the outcome was not recorded, as another replica wrote the record first/,
      },
    };
    for (const [what, fault] of Object.entries(faults)) await t.step(what, () => surviveFault(store, fault));
    database.close();
    other.close();
  });
});

const LIMIT_MS = 1_000;

/** How a server treats the next write. */
const WRITES: Readonly<Record<string, Fault>> = {
  "a connection cut before the commit": { ends: "truncated", takesEffect: false },
  "a connection cut after the commit": { ends: "truncated", takesEffect: true },
};

/** How a server treats all requests. */
const OUTAGES: Readonly<Record<string, { readonly fault: Fault; readonly logs: RegExp }>> = {
  "a server that hangs": { fault: { ends: "never" }, logs: /it did not answer within requestTimeout|timed out/ },
  "a server that restarts": { fault: { ends: "lost" }, logs: /the statement failed/ },
  "a token that is refused": { fault: { reply: { status: 401, body: "{}" } }, logs: /401/ },
};

faultTest("faults of a libSQL server during a run are logged, the run finishes, and the task is back", async (t) => {
  using service = new FakeLibsql();
  await using server = new FaultServer(service);
  const sent: Promise<unknown>[] = [];
  const limited = (input: Request | URL | string): Promise<Response> => {
    const response = fetch(input, { signal: AbortSignal.timeout(LIMIT_MS) });
    sent.push(response);
    return response;
  };
  const database = openLibsql(server.url, { fetch: limited as typeof fetch });
  const store = new SqliteStore({ database, requestTimeout: LIMIT_MS });
  for (const [what, fault] of Object.entries(WRITES)) {
    const begin = (): void => {
      let isOver = false;
      service.script = ({ body }) => {
        if (isOver || !new TextDecoder().decode(body).includes("UPDATE")) return undefined;
        isOver = true;
        return fault;
      };
    };
    await t.step(what, () => surviveFault(store, { begin, logs: /the statement failed/ }));
  }
  for (const [what, { fault, logs }] of Object.entries(OUTAGES)) {
    await t.step(what, () =>
      surviveFault(store, {
        begin: () => void (service.script = () => fault),
        end: () => void (service.script = () => undefined),
        logs,
      }));
  }
  database.close();
  // a call that has ended may have left a request, which ends in time
  await Promise.allSettled(sent);
});

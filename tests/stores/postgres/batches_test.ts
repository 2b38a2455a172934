// Calls that share statements: on PostgreSQL inside the process, and on a server where sessions stand in each other's way.

import { PGlite } from "@electric-sql/pglite";
import { NeatPeriodicTaskScheduler } from "@neat/periodic-task";
import { type PgLite, PostgresStore } from "@neat/periodic-task/stores/postgres";
import { assert, assertEquals, assertLessOrEqual, assertMatch, assertRejects } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { SILENT } from "../../helpers/log.ts";
import { settle } from "../helpers/settle.ts";
import { DRIVERS } from "./clients.ts";
import { DatabaseError, fails, never, PRIMARY, ScriptedPool } from "./scripted_pool.ts";
import { serverTest } from "./server.ts";
import { openStore, outcomeOf, RECORD, until } from "./setup.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const textOf = (value: Uint8Array | undefined): string => new TextDecoder().decode(value);
const names = (count: number): string[] => Array.from({ length: count }, (_, index) => `task ${index}`);

/** A store whose statements are counted. */
interface Counted {
  readonly store: PostgresStore;
  readonly statements: string[];
}

/** Runs a check on a new table of a database in this process. */
async function inTable(db: PGlite, table: string, check: (counted: Counted) => Promise<void>): Promise<void> {
  const statements: string[] = [];
  const client: PgLite = {
    query: (text, values, options) => {
      statements.push(text);
      return db.query(text, values, options);
    },
    exec: db.exec,
    listen: (channel, notified) => db.listen(channel, notified),
  };
  const store = new PostgresStore({ client, table });
  await store.createTable();
  statements.length = 0;
  await check({ store, statements });
}

Deno.test("PostgresStore on PostgreSQL in this process", async (t) => {
  const db = new PGlite();
  // takes longer than a call may on a busy machine
  await db.waitReady;

  await t.step(
    "writes and reads of one moment share a statement",
    () =>
      inTable(db, "shared", async ({ store, statements }) => {
        const versions = await Promise.all(names(50).map((name) => store.write(name, bytes(`1 ${name}`), null)));
        const next = await Promise.all(
          names(50).map((name, index) => store.write(name, bytes(`2 ${name}`), versions[index]!)),
        );
        const found = await Promise.all(names(50).map((name) => store.read(name)));
        assertEquals(statements.length, 3);
        assertEquals(found.map((entry) => entry?.version ?? null), next);
        assertEquals(found.map((entry) => textOf(entry?.value)), names(50).map((name) => `2 ${name}`));
        assert(found.every((entry) => Math.abs((entry?.storeTime ?? 0) - Date.now()) < 60_000));
        assertEquals(new Set(next).size, 50);
      }),
  );

  await t.step(
    "a call on its own is sent as before, and a read of one record twice is sent twice",
    () =>
      inTable(db, "single", async ({ store, statements }) => {
        await store.write("a", RECORD, null);
        await Promise.all([store.read("a"), store.read("a")]);
        assertEquals(statements.length, 3);
        assert(statements.every((text) => !text.includes("json")));
      }),
  );

  await t.step(
    "each record of a batch has its own outcome: created, replaced, lost, there already, not there",
    () =>
      inTable(db, "outcomes", async ({ store, statements }) => {
        const old = await store.write("lost", RECORD, null);
        const [replaced, there] = await Promise.all([
          store.write("replaced", RECORD, null),
          store.write("there", RECORD, null),
          store.write("lost", bytes("newer"), old),
        ]);
        statements.length = 0;
        const outcomes = await Promise.all([
          store.write("created", bytes("1"), null),
          store.write("replaced", bytes("2"), replaced),
          store.write("lost", bytes("3"), old),
          store.write("there", bytes("4"), null),
          store.write("not there", bytes("5"), crypto.randomUUID()),
        ]);
        assertEquals(outcomes.map((version) => version !== null), [true, true, false, false, false]);
        assertEquals(statements.length, 1);
        const { rows } = await db.query<{ name: string; value: string }>(
          "SELECT name, convert_from(value, 'UTF8') AS value FROM outcomes ORDER BY name",
        );
        assertEquals(rows.map(({ name, value }) => [name, value]), [
          ["created", "1"],
          ["lost", "newer"],
          ["replaced", "2"],
          ["there", "{}"],
        ]);
        assertEquals((await store.read("there"))?.version, there);
      }),
  );

  await t.step(
    "names of any characters keep apart in a batch",
    () =>
      inTable(db, "characters", async ({ store, statements }) => {
        const odd = [
          "a",
          "A",
          "a ",
          " a",
          "é",
          "e\u0301",
          '"quoted"',
          "back\\slash",
          "'; DROP TABLE x",
          "😀",
          "{}",
          "[null]",
          "\u2028",
          "%",
        ];
        const versions = await Promise.all(odd.map((name) => store.write(name, bytes(name), null)));
        const found = await Promise.all(odd.map((name) => store.read(name)));
        assertEquals(statements.length, 2);
        assertEquals(found.map((entry) => entry?.version ?? null), versions);
        assertEquals(found.map((entry) => textOf(entry?.value)), odd);
      }),
  );

  await t.step("a record that a constraint refuses fails alone", () =>
    inTable(db, "constrained", async ({ store }) => {
      await db.exec("ALTER TABLE constrained ADD CHECK (name <> 'refused')");
      const outcomes = await Promise.all(
        ["a", "refused", "b"].map((name) => outcomeOf(store.write(name, RECORD, null))),
      );
      assertMatch(String(outcomes[1]), /^Cannot write the record of "refused" .* rejected it with 23514/);
      assertEquals([await store.read("a"), await store.read("b")].map((entry) => entry?.version), [
        outcomes[0],
        outcomes[2],
      ]);
    }));

  await t.step(
    "more calls than a batch holds are all answered",
    () =>
      inTable(db, "many", async ({ store, statements }) => {
        const versions = await Promise.all(names(1_000).map((name) => store.write(name, RECORD, null)));
        assertEquals(new Set(versions).size, 1_000);
        assertLessOrEqual(statements.length, 12);
      }),
  );

  await t.step("a watch notices each record of a batch", () =>
    inTable(db, "watched", async () => {
      const store = new PostgresStore({ client: db, table: "watched", watch: true });
      const controller = new AbortController();
      const hints = new Map<string, number>();
      const watches = names(3).map(async (name) => {
        for await (const _ of store.watch?.(name, controller) ?? []) hints.set(name, (hints.get(name) ?? 0) + 1);
      });
      await until(() => hints.size === 3, "all watches have started");
      await Promise.all(names(3).map((name) => store.write(name, RECORD, null)));
      await until(() => [...hints.values()].every((count) => count === 2), "each watch has its hint");
      controller.abort();
      await Promise.all(watches);
    }));

  await db.close();
});

Deno.test("an error that concerns all records of a batch fails all of them, without further statements", async () => {
  const pool = new ScriptedPool();
  const store = new PostgresStore({ client: pool });
  pool.answers.push(fails(new DatabaseError("42P01")));
  const outcomes = await Promise.all(names(3).map((name) => outcomeOf(store.write(name, RECORD, null))));
  for (const [index, outcome] of outcomes.entries()) {
    assertMatch(String(outcome), new RegExp(`^Cannot write the record of "task ${index}" .* call createTable`));
  }
  assertEquals(pool.queries.length, 1);
});

Deno.test("a connection that breaks under a batch fails all of its writes, as their outcome is not known", async () => {
  const pool = new ScriptedPool();
  const store = new PostgresStore({ client: pool });
  pool.answers.push(fails(new Error("Connection terminated unexpectedly")));
  const outcomes = await Promise.all(names(2).map((name) => outcomeOf(store.write(name, RECORD, null))));
  for (const outcome of outcomes) assertMatch(String(outcome), /Connection terminated unexpectedly/);
  assertEquals([pool.queries.length, pool.clients[0]?.released], [1, true]);
});

Deno.test("a standby is an error for each record of a batch", async () => {
  const pool = new ScriptedPool();
  const store = new PostgresStore({ client: pool });
  pool.answers.push(names(2).map(() => ["true", "on", "1", null, null]));
  const outcomes = await Promise.all(names(2).map((name) => outcomeOf(store.read(name))));
  for (const outcome of outcomes) assertMatch(String(outcome), /current value is a standby server/);
});

Deno.test("an answer with too few rows is an error for each record of a batch", async () => {
  const pool = new ScriptedPool();
  const store = new PostgresStore({ client: pool });
  pool.answers.push([[...PRIMARY, "1", null, null]]);
  const outcomes = await Promise.all(names(2).map((name) => outcomeOf(store.read(name))));
  for (const outcome of outcomes) assertMatch(String(outcome), /it must have 2 rows: current value is 1/);
});

Deno.test("a caller that ends its call leaves the others of the batch alone, and the connection is closed after the last", async () => {
  const pool = new ScriptedPool();
  const store = new PostgresStore({ client: pool });
  pool.answers.push(never);
  const [one, other] = [new AbortController(), new AbortController()];
  const calls = [
    assertRejects(() => store.write("a", RECORD, null, one), Error, "one"),
    assertRejects(() => store.write("b", RECORD, null, other), Error, "other"),
  ];
  await until(() => pool.queries.length === 1, "the statement was sent");
  one.abort(new Error("one"));
  await calls[0];
  assertEquals(pool.clients[0]?.released, undefined);
  other.abort(new Error("other"));
  await calls[1];
  await until(() => pool.clients[0]?.released === true, "the connection was closed");
});

serverTest("calls that share statements, on a server", async (t, server) => {
  for (const driver of Object.keys(DRIVERS)) {
    const url = await server.createDatabase(`batches_${driver.toLowerCase().replaceAll(/\W/g, "_")}`);

    await t.step(`${driver}: 300 records are written, replaced and read`, async () => {
      await using opened = await openStore(driver, url);
      const { store } = opened;
      await store.createTable();
      const versions = await Promise.all(names(300).map((name) => store.write(name, bytes(name), null)));
      const next = await Promise.all(names(300).map((name, index) => store.write(name, RECORD, versions[index]!)));
      const lost = await Promise.all(names(300).map((name, index) => store.write(name, RECORD, versions[index]!)));
      const found = await Promise.all(names(300).map((name) => store.read(name)));
      assertEquals(found.map((entry) => entry?.version ?? null), next);
      assertEquals(new Set(lost), new Set([null]));
    });
  }

  await t.step("a record that another transaction has locked holds up no other record", async () => {
    const url = await server.createDatabase("batches_locked");
    await using blocking = await openStore("pg Client", url);
    await using opened = await openStore("pg Pool", url);
    const { store } = opened;
    await store.createTable();
    const versions = await Promise.all(["a", "locked", "b"].map((name) => store.write(name, RECORD, null)));
    const other = blocking.client as { query(text: string): Promise<unknown> };
    await other.query("BEGIN");
    await other.query("SELECT * FROM public.tasks WHERE name = 'locked' FOR UPDATE");
    const writes = ["a", "locked", "b"].map((name, index) => store.write(name, bytes("new"), versions[index]!));
    const [a, locked, b] = writes;
    assert((await Promise.all([a, b])).every((version) => version !== null));
    await other.query("ROLLBACK");
    assert(await locked !== null);
  });

  await t.step("20 records that stay locked hold up no other record, and are written once they are free", async () => {
    const url = await server.createDatabase("batches_all_locked");
    await using blocking = await openStore("pg Client", url);
    await using opened = await openStore("pg Pool", url);
    const { store } = opened;
    await store.createTable();
    const locked = names(20);
    const versions = await Promise.all(locked.map((name) => store.write(name, RECORD, null)));
    let free = await store.write("free", RECORD, null);
    const other = blocking.client as { query(text: string): Promise<unknown> };
    await other.query("BEGIN");
    await other.query("SELECT * FROM public.tasks WHERE name LIKE 'task %' FOR UPDATE");
    const writes: Promise<string | null>[] = [];
    let answered = 0;
    // each of them on its own
    for (const [index, name] of locked.entries()) {
      writes.push(store.write(name, bytes("new"), versions[index]!));
      writes.at(-1)?.then(() => answered++, () => answered++);
      free = await store.write("free", bytes(name), free);
      assert(free !== null);
    }
    assertEquals(answered, 0);
    await other.query("ROLLBACK");
    assert((await Promise.all(writes)).every((version) => version !== null));
  });

  await t.step(
    "16 processes' worth of stores that write the same records in turn lose none and lock up nowhere",
    async () => {
      const url = await server.createDatabase("batches_races");
      await using opened = await openStore("pg Pool", url, { max: 10 });
      const { store, client } = opened;
      await store.createTable();
      const stores = Array.from({ length: 16 }, () => new PostgresStore({ client, table: "tasks" }));
      const counters = names(10);
      await Promise.all(counters.map((name) => store.write(name, bytes("0"), null)));
      const increment = async (store: PostgresStore, name: string): Promise<void> => {
        for (;;) {
          const entry = await store.read(name);
          if (await store.write(name, bytes(`${Number(textOf(entry?.value)) + 1}`), entry?.version ?? null)) return;
        }
      };
      await Promise.all(stores.flatMap((store) => counters.map((name) => increment(store, name))));
      const found = await Promise.all(counters.map((name) => store.read(name)));
      assertEquals(found.map((entry) => textOf(entry?.value)), counters.map(() => "16"));
    },
  );

  await t.step("in a session above read committed, a conflict fails no other record", async () => {
    const url = await server.createDatabase("batches_serializable");
    await using opened = await openStore(
      "pg Pool",
      `${url}?options=${encodeURIComponent("-c default_transaction_isolation=serializable")}`,
    );
    const { store, client } = opened;
    await store.createTable();
    const others = [store, new PostgresStore({ client, table: "tasks" })];
    const versions = await Promise.all(names(20).map((name) => store.write(name, RECORD, null)));
    const outcomes = await Promise.all(
      others.map((one) => Promise.all(names(20).map((name, index) => one.write(name, RECORD, versions[index]!)))),
    );
    // of the two writes of each record, one has won
    for (const index of names(20).keys()) {
      assertEquals(outcomes.filter((versions) => versions[index] !== null).length, 1);
    }
  });

  await t.step("2,000 tasks that are due in one second take at most 0.1 statements a run", async () => {
    const url = await server.createDatabase("batches_tasks");
    await using opened = await openStore("pg Pool", url);
    const { store, client } = opened;
    await store.createTable();
    let statements = 0;
    const counted = {
      totalCount: 0,
      query: () => {},
      connect: async () => {
        statements++;
        return await (client as { connect(): Promise<unknown> }).connect();
      },
    } as unknown as ConstructorParameters<typeof PostgresStore>[0]["client"];
    const shared = new PostgresStore({ client: counted, table: "tasks" });
    const tasks = 2_000;
    let runs = 0;
    const schedulers = names(tasks).map((name) =>
      new NeatPeriodicTaskScheduler({
        name,
        interval: { hours: 1 },
        timeout: { minutes: 1 },
        firstRun: "on-schedule",
        store: shared,
        log: SILENT,
        task: () => void runs++,
      })
    );
    await Promise.all(schedulers.map((scheduler) => {
      scheduler.start();
      return scheduler.ready();
    }));
    statements = 0;
    const delay = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
    const startedMs = performance.now();
    await Promise.all(schedulers.map(async (scheduler, index) => {
      await delay(Math.max(0, startedMs + index / tasks * 1_000 - performance.now()));
      await scheduler.trigger();
    }));
    assertEquals(runs, tasks);
    // the bench measures 10,000, which take less: batches are larger
    assertLessOrEqual(statements / runs, 0.1);
    await Promise.all(schedulers.map((scheduler) => scheduler.stop()));
  });
});

Deno.test("a record that is locked does not hold up the answer to one of the same batch that was lost", async () => {
  const pool = new ScriptedPool();
  const store = new PostgresStore({ client: pool });
  const version = crypto.randomUUID();
  const isLost = (): unknown[][] => {
    const items: { name: string; next: string }[] = JSON.parse(pool.queries[0]?.values?.[0] ?? "[]");
    return items.filter(({ name }) => name === "lost").map(({ next }) => [next, "lost", null]);
  };
  pool.answers.push(isLost, never);
  const locked = new AbortController();
  const lockedWrite = outcomeOf(store.write("locked", RECORD, version, locked));
  assertEquals(await store.write("lost", RECORD, version), null);
  locked.abort(new Error("enough"));
  assertEquals(await lockedWrite, "enough");
});

Deno.test("an error of which it is not known whether the writes took effect fails all, without further statements", async () => {
  for (const code of ["40003", "57P01", "08006"]) {
    const pool = new ScriptedPool();
    const store = new PostgresStore({ client: pool });
    pool.answers.push(fails(new DatabaseError(code)));
    const outcomes = await Promise.all(names(2).map((name) => outcomeOf(store.write(name, RECORD, null))));
    for (const outcome of outcomes) assertMatch(String(outcome), /^Cannot write the record/);
    assertEquals(pool.queries.length, 1, code);
  }
});

Deno.test("a name that the database can't hold fails its own read only", async () => {
  const pool = new ScriptedPool();
  const store = new PostgresStore({ client: pool });
  const none = [[...PRIMARY, "1", null, null]];
  pool.answers.push(fails(new DatabaseError("22P05")), fails(new DatabaseError("22P05")), none);
  const outcomes = await Promise.all([outcomeOf(store.read("日本")), outcomeOf(store.read("b"))]);
  assertMatch(String(outcomes[0]), /rejected it with 22P05/);
  assertEquals(outcomes[1], null);
});

Deno.test("a write that stays locked is an error that says so, and holds up no later write", async () => {
  using time = new FakeTime();
  const pool = new ScriptedPool();
  const store = new PostgresStore({ client: pool, requestTimeout: 1_000 });
  const version = crypto.randomUUID();
  // the first one waits for its lock, and the others are left out of each statement
  pool.answers.push(never);
  const isLocked = (): unknown[][] => {
    const items: { name: string; next: string }[] = JSON.parse(pool.queries.at(-1)?.values?.[0] ?? "[]");
    return items.filter(({ name }) => name === "free").map(({ next }) => [next, "written", null]);
  };
  for (let answer = 0; answer < 100; answer++) pool.answers.push(isLocked);
  const waiting = settle(time, store.write("waiting", RECORD, version));
  await time.runMicrotasks();
  const locked = names(3).map((name) => outcomeOf(store.write(name, RECORD, version)));
  assert(await store.write("free", RECORD, version) !== null);
  await waiting;
  for (const outcome of locked) {
    assertMatch(String(await outcome), /has locked the record: end that transaction|did not answer within/);
  }
  assertEquals(
    pool.queries.filter(({ text }) => text.startsWith("WITH setting") && !text.includes("SKIP LOCKED")).length,
    1,
  );
});

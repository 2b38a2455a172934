// Faults of a real server, of its connections and of its settings, with each driver.

import { NeatPeriodicTaskScheduler } from "@neat/periodic-task";
import { type PgPool, PostgresStore } from "@neat/periodic-task/stores/postgres";
import { assert, assertEquals, assertGreater, assertLess, assertMatch, assertRejects } from "@std/assert";
import type { Postgres } from "../../../internal/servers/postgres.ts";
import { forRequests, type ProxyAction, TcpProxy } from "../../../internal/servers/tcp_proxy.ts";
import { DRIVERS } from "./clients.ts";
import { serverTest, urlWith } from "./server.ts";
import { busyTask, type Call, HintCounter, openStore, outcomeOf, RECORD, sleep, until } from "./setup.ts";

const NAMES = Object.keys(DRIVERS);
/** The drivers with several connections. */
const POOLS = NAMES.filter((name) => name !== "pg Client");

/** How many sessions of a server wait for a lock. */
async function lockWaits(server: Postgres): Promise<number> {
  return Number(await server.query("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"));
}

/** How many connections the clients of a database have. */
async function sessions(server: Postgres, database: string): Promise<number> {
  return Number(await server.query(`SELECT count(*) FROM pg_stat_activity WHERE datname = '${database}'`));
}

async function createTable(url: string): Promise<void> {
  await using opened = await openStore("pg Pool", url);
  await opened.store.createTable();
}

serverTest("a connection that is cut", async (t, server) => {
  const url = await server.createDatabase("cuts");
  await createTable(url);
  for (const driver of NAMES) {
    for (const action of ["cut", "cut-after"] as const) {
      await t.step(
        `${driver}: write() throws, and the record is ${action === "cut" ? "not " : ""}written`,
        async () => {
          await using proxy = new TcpProxy(server.port);
          await using cut = await openStore(driver, urlWith(url, { port: proxy.port }));
          await using direct = await openStore("pg Pool", url);
          const key = `${driver} ${action}`;
          const version = await direct.store.write(key, RECORD, null);
          await cut.store.read(key);
          // Postgres.js asks for the types of the parameters first, and sends their values afterwards
          proxy.rule = forRequests((data) => data.includes(version ?? "") ? action : "pass");
          assertMatch(String(await outcomeOf(cut.store.write(key, RECORD, version))), /^Cannot write the record of/);
          assertEquals(proxy.faults, 1);
          const found = await direct.store.read(key);
          assertEquals(found?.version === version, action === "cut");
          proxy.rule = undefined;
          // a Client is of no use after its connection has ended
          if (driver !== "pg Client") assertEquals((await cut.store.read(key))?.version, found?.version);
        },
      );
    }
  }
});

serverTest("two schedulers whose connections are cut before and after commits", async (t, server) => {
  const url = await server.createDatabase("cuts");
  await createTable(url);
  for (const driver of POOLS) {
    await t.step(`${driver}: go on, never at once, and each term runs once`, async () => {
      await using proxy = new TcpProxy(server.port);
      const calls: Call[] = [];
      const through = urlWith(url, { port: proxy.port });
      const table = driver.replace(" ", "_");
      await using one = await openStore(driver, through, { table });
      await using other = await openStore(driver, through, { table });
      await one.store.createTable();
      const schedulers = [one, other].map(({ store }, index) =>
        new NeatPeriodicTaskScheduler(busyTask(store, `${index}`, calls))
      );
      for (const scheduler of schedulers) scheduler.start();
      await until(() => calls.length >= 2, "the first runs");
      let writes = 0;
      const actions: readonly ProxyAction[] = ["cut-after", "pass", "cut", "pass", "pass"];
      proxy.rule = forRequests((data) =>
        /INSERT|UPDATE/.test(data) ? actions[writes++ % actions.length] ?? "pass" : "pass"
      );
      await sleep(3_000);
      const duringFaults = calls.length;
      proxy.rule = undefined;
      await until(() => calls.length > duringFaults + 2, "runs after the faults");
      for (const scheduler of schedulers) await scheduler.stop();
      assertGreater(proxy.faults, 3);
      assertGreater(duringFaults, 3);
      assertEquals(new Set(calls.map(({ term }) => term)).size, calls.length);
      const byStart = calls.toSorted((a, b) => a.startMs - b.startMs);
      for (const [index, { startMs }] of byStart.entries()) {
        const before = byStart[index - 1];
        if (before) assertLess(before.endMs ?? Infinity, startMs);
      }
    });
  }
});

serverTest("a server that hangs", async (t, server) => {
  const url = await server.createDatabase("hangs");
  await createTable(url);
  for (const driver of NAMES) {
    await t.step(`${driver}: calls end at their limit and at their signal, and work once it answers`, async () => {
      await using opened = await openStore(driver, url, { requestTimeout: 300 });
      const { store } = opened;
      await store.write(driver, RECORD, null);
      await server.freeze();
      try {
        assertMatch(String(await outcomeOf(store.read(driver))), /did not answer within requestTimeout: .* 300 ms$/);
        const reason = new Error("enough");
        const startMs = performance.now();
        const aborted = outcomeOf(store.read(driver, { signal: signalAfter(50, reason) }));
        assertEquals(await aborted, "enough");
        assertLess(performance.now() - startMs, 250);
      } finally {
        await server.thaw();
      }
      await until(async () => typeof await outcomeOf(store.read(driver)) === "object", "an answer");
    });
  }
  await t.step("pg Pool: no connection is kept by a call that has ended", async () => {
    await using opened = await openStore("pg Pool", url, { requestTimeout: 200, max: 2 });
    const pool = opened.client as PgPool & { readonly idleCount: number };
    for (const client of await Promise.all([pool.connect(), pool.connect()])) client.release();
    assertEquals(pool.totalCount, 2);
    await server.freeze();
    try {
      // one after the other, as reads of one moment share a connection
      for (const key of ["a", "b"]) await outcomeOf(opened.store.read(key));
      assertEquals([pool.totalCount, pool.idleCount], [0, 0]);
    } finally {
      await server.thaw();
    }
  });
  for (const driver of NAMES) {
    await t.step(`${driver}: a scheduler is back soon after`, async () => {
      await using opened = await openStore(driver, url, { requestTimeout: 300, table: driver.replace(" ", "_") });
      await opened.store.createTable();
      const calls: Call[] = [];
      await using scheduler = new NeatPeriodicTaskScheduler(busyTask(opened.store, "one", calls));
      scheduler.start();
      await until(() => calls.length >= 2, "the first runs");
      await server.freeze();
      await sleep(1_500);
      await server.thaw();
      const before = calls.length;
      await until(() => calls.length >= before + 2, "runs after it");
      await scheduler.stop();
    });
  }
});

function signalAfter(ms: number, reason: unknown): AbortSignal {
  const controller = new AbortController();
  setTimeout(() => controller.abort(reason), ms);
  return controller.signal;
}

serverTest("a server that restarts", async (t, server) => {
  const url = await server.createDatabase("restarts");
  await createTable(url);
  for (const driver of POOLS) {
    await t.step(`${driver}: a scheduler survives it, and hints come again`, async () => {
      await using opened = await openStore(driver, url, { watch: true, table: driver.replace(" ", "_") });
      await opened.store.createTable();
      const calls: Call[] = [];
      await using scheduler = new NeatPeriodicTaskScheduler(busyTask(opened.store, "one", calls));
      scheduler.start();
      let hints = new HintCounter(opened.store, "watched");
      await until(() => calls.length >= 2 && hints.count > 0, "the first runs, and a hint");
      await server.stop();
      await sleep(1_500);
      await server.start();
      const before = calls.length;
      await until(() => calls.length >= before + 2, "runs after it");
      let version: string | null = null;
      let count = Infinity;
      await until(async () => {
        // pg reports the end of the connection, and Postgres.js listens again by itself
        if (hints.error) hints = new HintCounter(opened.store, "watched");
        if (hints.count > count) return true;
        count = hints.count;
        version = await opened.store.write("watched", RECORD, version) ?? version;
        await sleep(100);
        return false;
      }, "a hint");
      await hints[Symbol.asyncDispose]();
      await scheduler.stop();
    });
  }
});

serverTest("a server that only allows reads", async (t, server) => {
  const url = await server.createDatabase("standby");
  await createTable(url);
  const READ_ONLY =
    /as the server or the session only allows reads: the store needs the primary server: current value is/;
  await t.step("default_transaction_read_only: each call throws", async () => {
    for (const driver of NAMES) {
      const settings = { default_transaction_read_only: "on" };
      await using opened = await openStore(driver, urlWith(url, { settings }));
      const { store } = opened;
      const calls = [
        store.read("none"),
        store.readMany(["none", "new"]),
        store.write("new", RECORD, null),
        store.createTable(),
        firstOf(store.list()),
      ];
      for (const outcome of await Promise.all(calls.map(outcomeOf))) assertMatch(String(outcome), READ_ONLY);
    }
  });
  await t.step("a standby server: each call throws, until it is promoted", async () => {
    await using standby = await server.startStandby();
    await using opened = await openStore("pg Pool", urlWith(url, { port: standby.port }));
    const { store } = opened;
    const calls = [
      store.read("none"),
      store.readMany(["none", "new"]),
      store.write("new", RECORD, null),
      store.createTable(),
      firstOf(store.list()),
    ];
    for (const outcome of await Promise.all(calls.map(outcomeOf))) assertMatch(String(outcome), READ_ONLY);
    await standby.promote();
    assertEquals(await store.read("none"), null);
    assert(await store.write("new", RECORD, null));
  });
});

async function firstOf(names: AsyncIterable<string>): Promise<string | undefined> {
  for await (const name of names) return name;
  return undefined;
}

serverTest("the right to use the table", async (t, server) => {
  const url = await server.createDatabase("rights");
  await t.step("a missing table: each call names createTable()", async () => {
    for (const driver of NAMES) {
      await using opened = await openStore(driver, url, { table: "missing" });
      const { store } = opened;
      const calls = [
        store.read("a"),
        store.readMany(["a", "b"]),
        store.write("a", RECORD, null),
        firstOf(store.list()),
      ];
      for (const outcome of await Promise.all(calls.map(outcomeOf))) {
        assertMatch(String(outcome), /call createTable\(\).*current value is "public"."missing"$/);
      }
    }
  });
  await t.step("a missing schema: createTable() names it", async () => {
    await using opened = await openStore("pg Pool", url, { schema: "missing" });
    await assertRejects(
      () => opened.store.createTable(),
      Error,
      'the schema does not exist: current value is "missing".',
    );
  });
  await t.step("another program's table: a call says that it lacks a column", async () => {
    await server.query("CREATE TABLE other (id int)", "rights");
    await using opened = await openStore("pg Pool", url, { table: "other" });
    await assertRejects(() => opened.store.read("a"), Error, "the table lacks a column");
  });
  await t.step("createTable() of many sessions at once creates it once", async () => {
    const opened = await Promise.all(NAMES.flatMap((driver) => [1, 2, 3].map(() => openStore(driver, url))));
    await Promise.all(opened.map(({ store }) => Promise.all([store.createTable(), store.createTable()])));
    await Promise.all(opened.map((one) => one[Symbol.asyncDispose]()));
  });
  await t.step("createTable() of a role that may not create passes once the table exists", async () => {
    await server.query("CREATE ROLE clerk LOGIN; GRANT SELECT, INSERT, UPDATE ON tasks TO clerk", "rights");
    await using opened = await openStore("pg Pool", urlWith(url, { user: "clerk" }));
    await opened.store.createTable();
    assert(await opened.store.write("a", RECORD, null));
    await using absent = await openStore("pg Pool", urlWith(url, { user: "clerk" }), { table: "absent" });
    await assertRejects(() => absent.store.createTable(), Error, "to create it CREATE on the schema");
  });
  await t.step("a role without rights: a call names those that it needs", async () => {
    await server.query("CREATE ROLE guest LOGIN", "rights");
    await using opened = await openStore("pg Pool", urlWith(url, { user: "guest" }));
    await assertRejects(() => opened.store.read("a"), Error, "the role needs SELECT, INSERT and UPDATE");
  });
  await t.step("a wrong password: the error does not have it", async () => {
    await server.query("CREATE ROLE guarded LOGIN PASSWORD 'right'");
    const file = (await server.query("SHOW hba_file")).trim();
    const lines = "('host all guarded 127.0.0.1/32 scram-sha-256'), ('host all all 127.0.0.1/32 trust')";
    await server.query(`COPY (VALUES ${lines}) TO '${file}'`);
    await server.query("SELECT pg_reload_conf()");
    for (const driver of POOLS) {
      await using opened = await openStore(driver, urlWith(url, { user: "guarded:wr0ng-secret" }));
      const error = await assertRejects(() => opened.store.read("a"), Error, "password authentication failed");
      assert(!Deno.inspect(error, { depth: 10, showHidden: true }).includes("wr0ng-secret"));
    }
  });
});

serverTest("a record that others use", async (t, server) => {
  const url = await server.createDatabase("locks");
  await createTable(url);
  for (const driver of NAMES) {
    await t.step(`${driver}: a write that waits for a lock ends at its limit, on the server too`, async () => {
      await using opened = await openStore(driver, url, { requestTimeout: 1_500, max: 2 });
      const { store } = opened;
      const version = await store.write(driver, RECORD, null);
      await using holder = await lockRecord(url, driver);
      const limited = outcomeOf(store.write(driver, RECORD, version));
      await until(async () => await lockWaits(server) === 1, "a wait for the lock");
      assertMatch(
        String(await limited),
        /did not answer within requestTimeout|another transaction has locked the record/,
      );
      await until(async () => await lockWaits(server) === 0, "the end of the wait");
      await holder.release();
      assertEquals((await store.read(driver))?.version, version);
    });
  }
  for (const driver of NAMES) {
    for (const level of ["repeatable read", "serializable"]) {
      await t.step(
        `${driver}, ${level}: a write that meets another one returns null, and one that does not succeeds`,
        async () => {
          const settings = { default_transaction_isolation: level };
          await using opened = await openStore(driver, urlWith(url, { settings }));
          const { store } = opened;
          const key = `${driver} ${level}`;
          const version = await store.write(key, RECORD, null);
          await using holder = await lockRecord(url, key);
          const conflicting = store.write(key, RECORD, version);
          await until(async () => await lockWaits(server) === 1, "the lock");
          await holder.replace(key);
          assertEquals(await conflicting, null);
          const found = await store.read(key);
          assert(found && await store.write(key, RECORD, found.version));
        },
      );
    }
  }
});

/** A transaction that has locked a record. */
interface RecordLock extends AsyncDisposable {
  /** Ends it without a change. */
  release(): Promise<void>;
  /** Gives the record another version, and commits. */
  replace(key: string): Promise<void>;
}

async function lockRecord(url: string, key: string): Promise<RecordLock> {
  const { default: { Client } } = await import("pg");
  const client = new Client({ connectionString: url });
  await client.connect();
  await client.query("BEGIN");
  await client.query("SELECT FROM tasks WHERE name = $1 FOR UPDATE", [key]);
  return {
    release: async () => void await client.query("ROLLBACK"),
    replace: async (key) => {
      await client.query("UPDATE tasks SET version = gen_random_uuid() WHERE name = $1", [key]);
      await client.query("COMMIT");
    },
    [Symbol.asyncDispose]: () => client.end(),
  };
}

serverTest("a pool whose connections are all in use", async (t, server) => {
  const url = await server.createDatabase("pools");
  await createTable(url);
  await t.step("pg Pool: the limit covers the wait, and a connection that arrives late goes back", async () => {
    await using opened = await openStore("pg Pool", url, { max: 1, requestTimeout: 200 });
    const pool = opened.client as PgPool & { readonly idleCount: number; readonly waitingCount: number };
    const held = await pool.connect();
    const outcomes = await Promise.all(["a", "b"].map((key) => outcomeOf(opened.store.read(key))));
    for (const outcome of outcomes) assertMatch(String(outcome), /did not answer within requestTimeout/);
    held.release();
    await until(() => pool.idleCount === 1 && pool.waitingCount === 0, "the connection");
    assertEquals(await opened.store.read("a"), null);
  });
  await t.step("postgres: the limit covers the wait, and the statement is never sent", async () => {
    await using opened = await openStore("postgres", url, { max: 1, requestTimeout: 200 });
    const sql = opened.client as unknown as { unsafe(text: string): Promise<unknown> };
    const busy = sql.unsafe("SELECT pg_sleep(1)").then(() => {});
    await sleep(50);
    const outcome = await outcomeOf(opened.store.write("late", RECORD, null));
    assertMatch(String(outcome), /did not answer within requestTimeout/);
    await busy;
    await sleep(50);
    assertEquals(await opened.store.read("late"), null);
  });
});

serverTest("watches", async (t, server) => {
  const url = await server.createDatabase("watches");
  await createTable(url);
  for (const driver of NAMES) {
    await t.step(`${driver}: all watches of a store share one connection, which ends with them`, async () => {
      await using opened = await openStore(driver, url, { watch: true });
      const { store } = opened;
      const before = await sessions(server, "watches");
      const counters = ["a", "b", "c"].map((key) => new HintCounter(store, `${driver} ${key}`));
      await until(() => counters.every(({ count }) => count === 1), "the first hints");
      assertLess(await sessions(server, "watches") - before, 2);
      await store.write(`${driver} a`, RECORD, null);
      await until(() => counters[0]?.count === 2, "a hint");
      await sleep(50);
      assertEquals(counters.map(({ count }) => count), [2, 1, 1]);
      for (const counter of counters) await counter[Symbol.asyncDispose]();
      assertEquals(counters.map(({ error }) => error), [undefined, undefined, undefined]);
    });
  }
  await t.step("a pool with 1 connection can't watch", async () => {
    await using opened = await openStore("pg Pool", url, { max: 1 });
    const { client } = opened;
    const error = await assertRejects(async () => await Promise.resolve(new PostgresStore({ client, watch: true })));
    assertMatch(String(error), /the pool must have more than 1 connection/);
  });
});

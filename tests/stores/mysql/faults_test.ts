// Connections that break, a server that hangs, restarts or has no connection left, against MariaDB; and schedulers that survive it.

import { createPool, type Pool, type PoolOptions } from "mysql2/promise";
import { NeatPeriodicTaskScheduler } from "@neat/periodic-task";
import { MysqlStore, type MysqlStoreOptions } from "@neat/periodic-task/stores/mysql";
import { assert, assertEquals, assertGreater, assertLess, assertRejects } from "@std/assert";
import * as mariadb from "mariadb";
import type { Mariadb } from "../../../internal/servers/mariadb.ts";
import { forRequests, type ProxyAction, TcpProxy } from "../../../internal/servers/tcp_proxy.ts";
import { SILENT } from "../../helpers/log.ts";
import { CLIENTS, DATABASE, login, serverTest, STATEMENT } from "./servers.ts";

const BYTES = new TextEncoder().encode("{}");

function poolAt(port: number, options: PoolOptions = {}): Pool {
  return createPool({ ...login(port), connectionLimit: 2, ...options });
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

async function eventually(isTrue: () => boolean, limitMs: number): Promise<void> {
  const started = performance.now();
  while (!isTrue()) {
    assertLess(performance.now() - started, limitMs);
    await sleep(10);
  }
}

serverTest(
  "write() throws if its connection breaks, whether it was written or not, and the store goes on",
  async (server) => {
    for (const [name, open] of Object.entries(CLIENTS)) {
      if (name.startsWith("a connection")) continue;
      await using proxy = new TcpProxy(server.port);
      const { store, close } = await open(proxy.port);
      const version = await store.write(name, BYTES, null);
      let action: ProxyAction = "pass";
      proxy.rule = forRequests((data) => STATEMENT.test(data) ? action : "pass");
      for (action of ["cut", "cut-after"] as const) {
        const message = `Cannot write the record of "${name}" in MySQL as the call failed: current value is "`;
        await assertRejects(() => store.write(name, BYTES, version), Error, message);
      }
      await assertRejects(() => store.read(name), Error, "the call failed");
      action = "pass";
      const entry = await store.read(name);
      assert(entry !== null && entry.version !== version, "the second write was not committed");
      assert(await store.write(name, BYTES, entry.version));
      await close();
    }
  },
);

serverTest(
  "connections that broke while they were idle cost an error at most, and never end the process",
  async (server) => {
    for (const [name, open] of Object.entries(CLIENTS)) {
      if (name.startsWith("a connection")) continue;
      await using proxy = new TcpProxy(server.port);
      const { store, close } = await open(proxy.port);
      await Promise.all(Array.from({ length: 4 }, () => store.read("task")));
      proxy.cutAll();
      await sleep(100);
      for (let call = 0; call < 4; call++) await store.read("task").catch(() => {});
      assertEquals(await store.read("task"), null);
      await close();
    }
  },
);

serverTest(
  "a hung call ends at its limit or signal, its connection is closed, and another one works",
  async (server) => {
    for (const [name, open] of Object.entries(CLIENTS)) {
      if (name.startsWith("a connection")) continue;
      await using proxy = new TcpProxy(server.port);
      const { store, close } = await open(proxy.port, { requestTimeout: 200 });
      await store.read("task");
      let action: ProxyAction = "hold";
      proxy.rule = forRequests((data) => STATEMENT.test(data) ? action : "pass");
      // more calls than the pool has connections
      for (let call = 0; call < 6; call++) {
        const started = performance.now();
        const { signal } = new AbortController();
        await assertRejects(
          () => store.write("task", BYTES, null, { signal }),
          Error,
          "requestTimeout: current value is 200",
        );
        assertLess(performance.now() - started, 1_500);
      }
      const controller = new AbortController();
      const read = store.read("task", controller);
      setTimeout(() => controller.abort(new Error("enough")), 50);
      await assertRejects(() => read, Error, "enough");
      action = "pass";
      // the client itself has closed the connections
      const before = proxy.open;
      assertLess(before, 6, name);
      assertEquals(await store.read("task"), null);
      await close();
      // mariadb ends the statement of a closed connection with another one, whose own end would be an uncaught error
      await eventually(() => proxy.open === 0, 5_000);
    }
  },
);

serverTest(
  "a pool without a free connection makes a call fail at its limit, and gives the store none afterwards",
  async (server) => {
    const pool = poolAt(server.port, { connectionLimit: 1 });
    const store = new MysqlStore({ client: pool, requestTimeout: 200 });
    const held = await pool.getConnection();
    for (let call = 0; call < 3; call++) await assertRejects(() => store.read("task"), Error, "requestTimeout");
    const controller = new AbortController();
    const read = store.read("task", controller);
    controller.abort(new Error("enough"));
    await assertRejects(() => read, Error, "enough");
    held.release();
    assertEquals(await store.read("task"), null);
    const [[row]] = await pool.query({ sql: "SELECT CONNECTION_ID()", rowsAsArray: true }) as unknown as [[[number]]];
    assertEquals(row?.[0], held.threadId);
    await pool.end();
    for (const options of [{ waitForConnections: false }, { queueLimit: 1 }]) {
      const full = poolAt(server.port, { connectionLimit: 1, ...options });
      const one = await full.getConnection();
      const reads = [1, 2].map(() => new MysqlStore({ client: full, requestTimeout: 300 }).read("task"));
      const results = await Promise.allSettled(reads);
      assertEquals(results.map(({ status }) => status), ["rejected", "rejected"]);
      one.release();
      assertEquals(await new MysqlStore({ client: full }).read("task"), null);
      await full.end();
    }
  },
);

serverTest(
  "a server that is stopped makes calls fail at their limit, and they work again when it goes on",
  async (server) => {
    const pool = poolAt(server.port);
    const store = new MysqlStore({ client: pool, requestTimeout: 400 });
    const version = await store.write("frozen", BYTES, null);
    server.freeze();
    try {
      for (let call = 0; call < 4; call++) {
        await assertRejects(() => store.write("frozen", BYTES, version), Error, "requestTimeout");
        await assertRejects(() => store.read("frozen"), Error, "requestTimeout");
      }
    } finally {
      server.thaw();
    }
    const later = new MysqlStore({ client: pool });
    // one of the writes was done by the server, or none
    const entry = await later.read("frozen");
    assert(await later.write("frozen", BYTES, entry?.version ?? null));
    await pool.end();
  },
);

serverTest("a store survives a crash of the server", async (server) => {
  const clients = [
    poolAt(server.port),
    mariadb.createPool({ ...login(server.port), connectionLimit: 2, minimumIdle: 1 }),
  ];
  for (const client of clients) {
    const store = new MysqlStore({ client, requestTimeout: 1_000 });
    const version = await store.write(`crash ${clients.indexOf(client)}`, BYTES, null);
    await server.stop("SIGKILL");
    await assertRejects(() => store.read("task"), Error, "Cannot read");
    await server.start();
    const again = new MysqlStore({ client });
    await again.read("task").catch(() => {});
    assertEquals((await again.read(`crash ${clients.indexOf(client)}`))?.version, version);
    await client.end();
  }
});

/** A replica, and what its task did. */
interface Replica {
  readonly scheduler: NeatPeriodicTaskScheduler;
  readonly errors: string[];
}

interface Call {
  readonly term: number;
  readonly startedMs: number;
  readonly endedMs: number;
}

const MIN_CYCLE_MS = 400;

function startReplica(
  client: MysqlStoreOptions["client"],
  name: string,
  calls: Call[],
): Replica {
  const scheduler = new NeatPeriodicTaskScheduler({
    name,
    interval: 1_000,
    timeout: 600,
    minCycle: MIN_CYCLE_MS,
    store: new MysqlStore({ client, requestTimeout: 1_000 }),
    log: SILENT,
    task: async ({ term, signal }) => {
      const startedMs = performance.now();
      await sleep(50);
      if (!signal.aborted) calls.push({ term, startedMs, endedMs: performance.now() });
    },
  });
  const errors: string[] = [];
  scheduler.addEventListener("storeerror", ({ error }) => errors.push(String(error)));
  scheduler.start();
  return { scheduler, errors };
}

/** Checks that no two calls overlap, and that each has a higher term. */
function checkCalls(calls: readonly Call[]): void {
  for (const [index, { term, startedMs }] of calls.entries()) {
    const before = calls[index - 1];
    if (!before) continue;
    assertGreater(term, before.term);
    assertGreater(startedMs, before.endedMs);
  }
}

serverTest("schedulers survive connections that are cut before and after commits, and held", async (server) => {
  const calls: Call[] = [];
  await using proxy = new TcpProxy(server.port);
  const pools = [poolAt(proxy.port), poolAt(proxy.port), poolAt(proxy.port)];
  const replicas = pools.map((pool) => startReplica(pool, "cut", calls));
  const actions: readonly ProxyAction[] = ["pass", "cut-after", "pass", "cut", "pass", "pass", "hold"];
  let statements = 0;
  proxy.rule = forRequests((data) => STATEMENT.test(data) ? actions[statements++ % actions.length]! : "pass");
  await sleep(5_000);
  proxy.rule = undefined;
  const healedMs = performance.now();
  const before = calls.length;
  assertGreater(before, 3);
  await eventually(() => calls.length >= before + 2, 6_000);
  await Promise.all(replicas.map(({ scheduler }) => scheduler.stop()));
  checkCalls(calls);
  assertGreater(proxy.faults, 5);
  assertGreater(replicas.flatMap(({ errors }) => errors).length, 0);
  assertLess(performance.now() - healedMs, 6_000);
  await Promise.all(pools.map((pool) => pool.end()));
});

/** Faults of a server or of pools. Each returns a function that ends it. */
const OUTAGES: Readonly<Record<string, (server: Mariadb, pools: readonly Pool[]) => Promise<() => unknown>>> = {
  "a server that hangs": (server) => {
    server.freeze();
    return Promise.resolve(() => server.thaw());
  },
  "a server that crashes": async (server) => {
    await server.stop("SIGKILL");
    return () => server.start();
  },
  "a server that is read-only": async (server) => {
    await server.query("SET GLOBAL read_only = 1");
    return () => server.query("SET GLOBAL read_only = 0");
  },
  "a server without the table": async (server) => {
    const table = `${DATABASE}.neat_periodic_task`;
    await server.query(`RENAME TABLE ${table} TO ${table}_moved`);
    return () => server.query(`RENAME TABLE ${table}_moved TO ${table}`);
  },
  "pools without a free connection": async (_server, pools) => {
    const held = await Promise.all([...pools, ...pools].map((pool) => pool.getConnection()));
    return () => held.forEach((connection) => connection.release());
  },
};

for (const [what, start] of Object.entries(OUTAGES)) {
  serverTest(`schedulers run again soon after ${what}`, async (server) => {
    const calls: Call[] = [];
    // root may write on a read-only server
    const account = "'replica'@'127.0.0.1'";
    await server.query(`CREATE USER IF NOT EXISTS ${account}; GRANT SELECT, INSERT, UPDATE ON *.* TO ${account}`);
    const pools = [poolAt(server.port, { user: "replica" }), poolAt(server.port, { user: "replica" })];
    const replicas = pools.map((pool) => startReplica(pool, what, calls));
    await eventually(() => calls.length >= 1, 5_000);
    const end = await start(server, pools);
    await sleep(2_000);
    const during = calls.length;
    await sleep(1_000);
    assertEquals(calls.length, during);
    await end();
    // a call that hangs ends first, then comes the next attempt within minCycle, and the lease of a run that was left ends
    await eventually(() => calls.length > during, 1_000 + MIN_CYCLE_MS + 600 + 3_000);
    await Promise.all(replicas.map(({ scheduler }) => scheduler.stop()));
    checkCalls(calls);
    for (const { errors } of replicas) assertGreater(errors.length, 0);
    await Promise.all(pools.map((pool) => pool.end()));
  });
}

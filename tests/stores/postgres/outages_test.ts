// The rows of docs/stores/faults.md for PostgreSQL: a scheduler on a real server with each fault during a run.

import type { PgPool } from "@neat/periodic-task/stores/postgres";
import { forRequests, type ProxyAction, TcpProxy } from "../../../internal/servers/tcp_proxy.ts";
import { type StoreFault, surviveFault, until } from "../helpers/outage.ts";
import { serverTest, urlWith } from "./server.ts";
import { openStore } from "./setup.ts";

const ROLE = "worker";
const TERMINATE = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '${ROLE}'`;

serverTest("faults during a run", async (t, server) => {
  const url = await server.createDatabase("faults");
  await server.query(`CREATE ROLE ${ROLE} LOGIN PASSWORD 'right'`);
  await server.query(`GRANT ALL ON SCHEMA public TO ${ROLE}`, "faults");
  const file = (await server.query("SHOW hba_file")).trim();
  const hba = `('host all ${ROLE} 127.0.0.1/32 scram-sha-256'), ('host all all 127.0.0.1/32 trust'),
    ('host replication all 127.0.0.1/32 trust')`;
  await server.query(`COPY (VALUES ${hba}) TO '${file}'`);
  await server.query("SELECT pg_reload_conf()");
  await using proxy = new TcpProxy(server.port);
  await using opened = await openStore("pg Pool", urlWith(url, { user: `${ROLE}:right`, port: proxy.port }), {
    requestTimeout: 1_000,
    max: 2,
  });
  await opened.store.createTable();

  /** Treats the next write of the store in one way. */
  const once = (action: ProxyAction) => (): void => {
    proxy.rule = forRequests((data) => {
      if (!/UPDATE|INSERT/.test(data)) return "pass";
      proxy.rule = undefined;
      return action;
    });
  };
  /** Ends the connections of the pool, and waits until it knows. */
  const endConnections = async (): Promise<void> => {
    await server.query(TERMINATE);
    await until(() => (opened.client as PgPool).totalCount === 0, "the end of the connections");
  };
  const held: { release(): void }[] = [];
  const faults: Readonly<Record<string, StoreFault>> = {
    "a connection cut before the commit": { begin: once("cut"), logs: /Connection terminated unexpectedly/ },
    "a connection cut after the commit": { begin: once("cut-after"), logs: /Connection terminated unexpectedly/ },
    "a server that hangs": {
      begin: () => server.freeze(),
      end: () => server.thaw(),
      logs: /it did not answer within requestTimeout: .* 1000 ms/,
    },
    "a server that restarts": {
      begin: () => server.stop(),
      end: () => server.start(),
      logs: /Connection terminated|terminating connection|ECONNREFUSED/,
    },
    "a database that only allows reads": {
      begin: async () => {
        await server.query("ALTER DATABASE faults SET default_transaction_read_only = on");
        await endConnections();
      },
      end: async () => {
        await server.query("ALTER DATABASE faults SET default_transaction_read_only = off");
        await endConnections();
      },
      logs: /the server or the session only allows reads/,
    },
    "a pool whose connections are all in use": {
      begin: async () => {
        const pool = opened.client as PgPool;
        held.push(...await Promise.all([pool.connect(), pool.connect()]));
      },
      end: () => held.splice(0).forEach((client) => client.release()),
      logs: /it did not answer within requestTimeout|timeout exceeded when trying to connect/,
    },
    "a wrong password": {
      begin: async () => {
        await server.query(`ALTER ROLE ${ROLE} PASSWORD 'changed'`);
        await endConnections();
      },
      end: () => server.query(`ALTER ROLE ${ROLE} PASSWORD 'right'`),
      logs: /password authentication failed for user/,
    },
    "a missing table": {
      begin: () => server.query("ALTER TABLE tasks RENAME TO moved", "faults"),
      end: () => server.query("ALTER TABLE moved RENAME TO tasks", "faults"),
      logs: /call createTable\(\)/,
    },
  };
  for (const [what, fault] of Object.entries(faults)) {
    await t.step(
      `${what}: it is logged, the run finishes, and the task is back`,
      () => surviveFault(opened.store, fault),
    );
  }
  await t.step("a standby that is promoted: it is logged, the run finishes, and the task is back", async () => {
    await using standby = await server.startStandby();
    await surviveFault(opened.store, {
      begin: async () => {
        await standby.caughtUp();
        await server.stop();
        // the address now leads to the standby, which only allows reads
        proxy.targetPort = standby.port;
      },
      end: () => standby.promote(),
      logs: /Connection terminated|terminating connection|only allows reads/,
    });
  });
});

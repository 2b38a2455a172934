// The rows of docs/stores/faults.md for MySQL and MariaDB: a scheduler on a real server with each fault during a run.

import { createPool, type PoolConnection } from "mysql2/promise";
import { MysqlStore } from "@neat/periodic-task/stores/mysql";
import { forRequests, type ProxyAction, TcpProxy } from "../../../internal/servers/tcp_proxy.ts";
import { type StoreFault, surviveFault } from "../helpers/outage.ts";
import { DATABASE, login, serverTest, STATEMENT } from "./servers.ts";

const TABLE = `${DATABASE}.neat_periodic_task`;
const ACCOUNT = "'worker'@'127.0.0.1'";
/** Ends the connections of the pool. */
const KILL = "KILL USER 'worker'";

serverTest("faults during a run are logged, the run finishes, and the task is back", async (server, t) => {
  // root may write on a read-only server
  await server.query(`CREATE USER ${ACCOUNT} IDENTIFIED BY 'right'; GRANT SELECT, INSERT, UPDATE ON *.* TO ${ACCOUNT}`);
  await using proxy = new TcpProxy(server.port);
  const pool = createPool({ ...login(proxy.port), user: "worker", password: "right", connectionLimit: 2 });
  const store = new MysqlStore({ client: pool, requestTimeout: 1_000 });

  /** Treats the next write of the store in one way. */
  const once = (action: ProxyAction) => (): void => {
    proxy.rule = forRequests((data) => {
      if (!STATEMENT.test(data) || !/UPDATE|INSERT/.test(data)) return "pass";
      proxy.rule = undefined;
      return action;
    });
  };
  const held: PoolConnection[] = [];
  const faults: Readonly<Record<string, StoreFault>> = {
    "a connection cut before the commit": { begin: once("cut"), logs: /Connection lost|ECONNRESET/ },
    "a connection cut after the commit": { begin: once("cut-after"), logs: /Connection lost|ECONNRESET/ },
    "a server that hangs": {
      begin: () => server.freeze(),
      end: () => server.thaw(),
      logs: /it did not answer within requestTimeout/,
    },
    "a server that crashes and restarts": {
      begin: () => server.stop("SIGKILL"),
      end: () => server.start(),
      logs: /Connection lost|ECONNRE|closed state/,
    },
    "a server that is read-only": {
      begin: () => server.query("SET GLOBAL read_only = 1"),
      end: () => server.query("SET GLOBAL read_only = 0"),
      logs: /it may be read-only/,
    },
    "a pool whose connections are all in use": {
      begin: async () => void held.push(await pool.getConnection(), await pool.getConnection()),
      end: () => held.splice(0).forEach((connection) => connection.release()),
      logs: /it did not answer within requestTimeout/,
    },
    "a wrong password": {
      begin: () => server.query(`SET PASSWORD FOR ${ACCOUNT} = PASSWORD('changed'); ${KILL}`),
      end: () => server.query(`SET PASSWORD FOR ${ACCOUNT} = PASSWORD('right')`),
      logs: /error 1045|Connection|closed state/,
    },
    "a missing table": {
      begin: () => server.query(`RENAME TABLE ${TABLE} TO ${TABLE}_moved`),
      end: () => server.query(`RENAME TABLE ${TABLE}_moved TO ${TABLE}`),
      logs: /call createTable\(\)/,
    },
  };
  for (const [what, fault] of Object.entries(faults)) await t.step(what, () => surviveFault(store, fault));
  await pool.end();
});

// A program to bundle for Node and Bun, with mysql2 and mariadb installed beside the bundle: <runtime> BUNDLE PORT HUNG_PORT FAILING_PORT
//
// Runs the store checks on a server with each driver, and ends by itself although calls have hung. Prints a line for each check, and
// fails if one fails.

import * as mariadb from "mariadb";
import { createPool } from "mysql2/promise";
import process from "node:process";
import { storeChecks } from "../../../src/testing/mod.ts";
import { type MysqlClient, MysqlStore } from "../../../stores/mysql.ts";
import { runChecks } from "../helpers/run_checks.ts";

const [port = 0, hungPort = 0, failingPort = 0] = process.argv.slice(2).map(Number);
const LOGIN = { host: "127.0.0.1", user: "root", database: "tasks", connectionLimit: 3 };

/** How to create a pool with each driver. */
const POOLS: Readonly<Record<string, (port: number) => MysqlClient & { end(): Promise<void> }>> = {
  mysql2: (port) => createPool({ ...LOGIN, port }),
  mariadb: (port) => mariadb.createPool({ ...LOGIN, port, minimumIdle: 1, acquireTimeout: 2_000 }),
};

const ends = new Map<unknown, () => Promise<void>>();

const checks = Object.entries(POOLS).flatMap(([driver, create]) => {
  const open = (port: number, requestTimeout: number): MysqlStore => {
    const client = create(port);
    const store = new MysqlStore({ client, requestTimeout });
    ends.set(store, () => client.end());
    return store;
  };
  const all = storeChecks({
    open: () => open(port, 8_000),
    openHung: (limitMs) => open(hungPort, limitMs),
    openFailing: () => open(failingPort, 1_000),
    // a pool whose connections are broken rejects its end
    close: (store) => ends.get(store)?.().catch(() => {}),
    maxKeyBytes: 1_500,
    raceRounds: 20,
  });
  return all.map(({ name, run }) => ({ name: `${driver}: ${name}`, run }));
});
await runChecks(checks);

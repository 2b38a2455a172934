// The store checks, against MariaDB, with each client of each driver.

import { storeChecks } from "@neat/periodic-task/testing";
import { forRequests, type ProxyAction, TcpProxy } from "../../../internal/servers/tcp_proxy.ts";
import { CLIENTS, type Open, serverTest, STATEMENT } from "./servers.ts";

/** Runs all checks as steps. */
async function check(t: Deno.TestContext, open: Open, ports: Readonly<Record<"working" | "hung" | "failing", number>>) {
  const closing = new Map<unknown, () => Promise<unknown>>();
  const openAt = async (port: number, requestTimeout: number) => {
    const { store, close } = await open(port, { requestTimeout });
    closing.set(store, close);
    return store;
  };
  const checks = storeChecks({
    open: () => openAt(ports.working, 8_000),
    openHung: (limitMs) => openAt(ports.hung, limitMs),
    openFailing: () => openAt(ports.failing, 8_000),
    close: (store) => closing.get(store)?.(),
    maxKeyBytes: 1_500,
    raceRounds: 100,
    report: (line) => console.log(line),
  });
  for (const { name, run, skipped } of checks) await t.step({ name, ignore: skipped !== undefined, fn: run });
}

/** A server that treats each statement of the store in one way. */
function proxyTo(port: number, action: ProxyAction): TcpProxy {
  const proxy = new TcpProxy(port);
  proxy.rule = forRequests((data) => STATEMENT.test(data) ? action : "pass");
  return proxy;
}

serverTest("MysqlStore passes the store checks on MariaDB", async (server, t) => {
  for (const [name, open] of Object.entries(CLIENTS)) {
    await using hung = proxyTo(server.port, "hold");
    await using failing = proxyTo(server.port, "cut");
    const ports = { working: server.port, hung: hung.port, failing: failing.port };
    await t.step(name, (t) => check(t, open, ports));
  }
});

// The rows of docs/stores/faults.md for etcd: a scheduler with each fault during a run, on a member of etcd behind a proxy; and tokens
// that end.

import { assert, assertEquals, assertRejects } from "@std/assert";
import { askEtcd, enableAuth } from "../../../internal/servers/etcd.ts";
import { forRequests, TcpProxy } from "../../../internal/servers/tcp_proxy.ts";
import { EtcdStore } from "../../../stores/etcd.ts";
import { surviveFault } from "../helpers/outage.ts";
import { serverTest } from "./server.ts";

const USER = { user: "tasks", password: "hidden-password" };
const PREFIX = "neat-periodic-task/";
const RECORD = new TextEncoder().encode("{}");

serverTest("faults of etcd during a run are logged, the run finishes, and the task is back", async (t, etcd) => {
  await using proxy = new TcpProxy(etcd.port);
  const store = new EtcdStore({ endpoint: `http://127.0.0.1:${proxy.port}`, requestTimeout: 1_000 });
  const once = (action: "cut" | "cut-after"): void => {
    let isOver = false;
    proxy.rule = forRequests((data) => {
      if (isOver || !data.includes("/v3/kv/txn")) return "pass";
      isOver = true;
      return action;
    });
  };
  // the runtime or the store repeats the request; the scheduler finds its own record after a conflict
  await t.step("a connection cut before the commit", () => surviveFault(store, { begin: () => once("cut") }));
  await t.step(
    "a server that hangs",
    () => surviveFault(store, { begin: () => etcd.freeze(), end: () => etcd.thaw(), logs: /no usable answer within/ }),
  );
  await t.step(
    "a server that restarts",
    () => surviveFault(store, { begin: () => etcd.crash(), end: () => etcd.start(), logs: /no usable answer within/ }),
  );
});

serverTest("faults of etcd with authentication are logged without the password", async (t, etcd) => {
  await enableAuth(etcd, { ...USER, prefix: PREFIX });
  const root = async (path: string, json: unknown): Promise<unknown> => {
    const { token } = await askEtcd(etcd.url, "auth/authenticate", { name: "root", password: "root's" });
    return await askEtcd(etcd.url, path, json, String(token));
  };
  const store = new EtcdStore({ endpoint: etcd.url, ...USER, requestTimeout: 1_000 });
  await t.step("a role without its permission", () =>
    surviveFault(store, {
      begin: () => root("auth/user/revoke", { name: "tasks", role: "tasks" }),
      end: () => root("auth/user/grant", { user: "tasks", role: "tasks" }),
      logs: /HTTP 403 \(etcdserver: permission denied\)/,
    }));
  await t.step("a restart, after which no token is valid, costs no failed call", async () => {
    const version = await store.write("restarted", RECORD, null);
    await etcd.crash();
    await etcd.start();
    assertEquals((await store.read("restarted"))?.version, version);
    assert(await store.write("restarted", RECORD, version));
  });
  await t.step("a wrong password", async () => {
    const wrong = new EtcdStore({ endpoint: etcd.url, user: "tasks", password: "wrong-password" });
    const error = await assertRejects(() => wrong.read("task"), Error, "the user or the password is wrong");
    assertEquals(error.message.includes("wrong-password"), false);
  });
  await t.step("a key outside of the role", async () => {
    const other = new EtcdStore({ endpoint: etcd.url, ...USER, prefix: "other/" });
    await assertRejects(() => other.read("task"), Error, "HTTP 403 (etcdserver: permission denied)");
  });
});

serverTest("a token that has ended is renewed for reads, writes, lists and watches", async (_t, etcd) => {
  await enableAuth(etcd, { ...USER, prefix: PREFIX });
  const store = new EtcdStore({ endpoint: etcd.url, ...USER });
  const ended = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 3_000));
  const version = await store.write("task", RECORD, null);
  await ended();
  assertEquals((await store.read("task"))?.version, version);
  await ended();
  assert(await store.write("task", RECORD, version));
  await ended();
  for await (const name of store.list()) assertEquals(name, "task");
  await ended();
  const hints = store.watch?.("task")[Symbol.asyncIterator]();
  assertEquals((await hints?.next())?.done, false);
  await hints?.return?.();
}, { flags: { "auth-token-ttl": "1" } });

serverTest("a store goes on with another member when one hangs or is away", async (_t, etcd) => {
  using hung = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const endpoint = ["http://127.0.0.1:1", `http://127.0.0.1:${hung.addr.port}`, etcd.url];
  const store = new EtcdStore({ endpoint, requestTimeout: 4_000 });
  const version = await store.write("task", RECORD, null).catch(() => null);
  const found = await store.read("task");
  assert(found);
  if (version !== null) assertEquals(found.version, version);
});

// The rows of docs/stores/faults.md for NATS: a scheduler with each fault during a run, on a server; and a store by its URL.

import { assert, assertEquals, assertRejects } from "@std/assert";
import { openStore as openByUrl } from "@neat/periodic-task/stores/open";
import { checkStore } from "../../../stores/nats.ts";
import { forRequests, TcpProxy } from "../../../internal/servers/tcp_proxy.ts";
import { surviveFault } from "../helpers/outage.ts";
import { openStore, serverTest } from "./server.ts";

serverTest("faults of NATS during a run are logged, the run finishes, and the task is back", async (t, nats) => {
  await using proxy = new TcpProxy(nats.port);
  await using opened = await openStore(`127.0.0.1:${proxy.port}`, { store: { requestTimeout: 1_000 } });
  const { store } = opened;
  const once = (action: "cut" | "cut-after"): void => {
    let isOver = false;
    proxy.rule = forRequests((data) => {
      if (isOver || !data.includes("HPUB $KV.")) return "pass";
      isOver = true;
      return action;
    });
  };
  for (const [what, action] of [["before", "cut"], ["after", "cut-after"]] as const) {
    await t.step(
      `a connection cut ${what} the commit`,
      () => surviveFault(store, { begin: () => once(action), logs: /did not answer within requestTimeout|failed/ }),
    );
  }
  proxy.rule = undefined;
  await t.step("a server that hangs", () =>
    surviveFault(store, {
      begin: () => nats.freeze(),
      end: () => nats.thaw(),
      logs: /did not answer within requestTimeout/,
    }));
  await t.step("a server that restarts", () =>
    surviveFault(store, {
      begin: () => nats.crash(),
      end: () => nats.start(),
      logs: /did not answer within requestTimeout|failed/,
    }));
});

serverTest("a watch goes on after a restart of the server", async (_t, nats) => {
  await using watching = await openStore(nats.url);
  const hints = watching.store.watch?.("task")[Symbol.asyncIterator]();
  await hints?.next();
  await nats.crash();
  await nats.start();
  await using writing = await openStore(nats.url);
  let version: string | null = null;
  const next = hints?.next();
  let hinted = false;
  next?.then(() => hinted = true);
  for (let writes = 0; writes < 40 && !hinted; writes++) {
    version = await writing.store.write("task", new TextEncoder().encode(`${writes}`), version);
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  assertEquals((await next)?.done, false);
  await hints?.return?.();
});

const USER = { name: "tasks", password: "p@ss/word#?" };

serverTest("openStore() opens a bucket by its URL, creates it, and shows no password", async (_t, nats) => {
  const url = (password: string): string =>
    `nats://${USER.name}:${encodeURIComponent(password)}@127.0.0.1:${nats.port}/tasks?timeout=4s`;
  {
    await using store = await openByUrl(`${url(USER.password)}&prefix=a.`);
    await checkStore(store, { list: true, watch: true });
    const version = await store.write("task", new TextEncoder().encode("{}"), null);
    assertEquals((await store.read("task"))?.version, version);
    assert(store.watch);
  }
  await using missing = await openByUrl(`${url(USER.password)}&createBucket=false`.replace("/tasks?", "/others?"));
  await assertRejects(() => missing.read("task"), Error);
  await using wrong = await openByUrl(url("wrong-password"));
  const error = await assertRejects(() => wrong.read("task"), Error);
  assertEquals(`${error.message}${Deno.inspect(error)}`.includes("wrong-password"), false, Deno.inspect(error));
}, { user: USER });

// The rows of docs/stores/faults.md for Consul: a scheduler with each fault during a run, on a server behind a proxy; and tokens that end.

import { assertEquals, assertRejects } from "@std/assert";
import { createToken } from "../../../internal/servers/consul.ts";
import { forRequests, TcpProxy } from "../../../internal/servers/tcp_proxy.ts";
import { ConsulStore } from "../../../stores/consul.ts";
import { surviveFault } from "../helpers/outage.ts";
import { serverTest } from "./server.ts";

const PREFIX = "neat-periodic-task/";

serverTest("faults of Consul during a run are logged, the run finishes, and the task is back", async (t, consul) => {
  await using proxy = new TcpProxy(consul.port);
  const store = new ConsulStore({ endpoint: `http://127.0.0.1:${proxy.port}`, requestTimeout: 1_000 });
  let isOver = false;
  const cut = forRequests((data) => {
    if (isOver || !data.includes("/v1/txn")) return "pass";
    isOver = true;
    return "cut";
  });
  await t.step(
    "a connection cut before the commit",
    () => surviveFault(store, { begin: () => void (proxy.rule = cut) }),
  );
  await t.step(
    "a server that hangs",
    () =>
      surviveFault(store, { begin: () => consul.freeze(), end: () => consul.thaw(), logs: /no usable answer within/ }),
  );
  await t.step(
    "a server that restarts",
    () =>
      surviveFault(store, { begin: () => consul.crash(), end: () => consul.start(), logs: /no usable answer within/ }),
  );
});

serverTest(
  "a token that is deleted, or lacks a permission, is an error until there is another one",
  async (t, consul) => {
    let { token, accessor } = await createToken(consul, PREFIX);
    const store = new ConsulStore({ endpoint: consul.url, token: () => token, requestTimeout: 1_000 });
    await t.step("a token that is deleted", () =>
      surviveFault(store, {
        begin: () => consul.ask("DELETE", `acl/token/${accessor}`),
        end: async () => void ({ token, accessor } = await createToken(consul, PREFIX)),
        logs: /Consul does not know the token: current value is HTTP 403 \(ACL not found/,
      }));
    await t.step("no token, and a key outside of the policy", async () => {
      for (
        const options of [{ endpoint: consul.url }, { endpoint: consul.url, token, prefix: "other/" }]
      ) {
        const other = new ConsulStore(options);
        await assertRejects(() => other.read("task"), Error, "HTTP 403 (Permission denied");
        const error = await assertRejects(
          () => other.write("task", new Uint8Array(), null),
          Error,
          "the token may lack key:write",
        );
        assertEquals(error.message.includes(token), false);
      }
    });
  },
  { hasAcl: true },
);

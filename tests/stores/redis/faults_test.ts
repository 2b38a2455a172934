// Connections that are cut, servers that hang, and writes that a failover loses, on real servers.

import { assert, assertEquals, assertLess, assertRejects } from "@std/assert";
import { forAnswers, TcpProxy } from "../../../internal/servers/tcp_proxy.ts";
import { WRITE } from "../../../stores/redis/scripts.ts";
import { OPEN, sleep, start, startReplica, testServer, until } from "./servers.ts";

const FIRST = new TextEncoder().encode('"first"');
const SECOND = new TextEncoder().encode('"second"');

for (const [driver, open] of Object.entries(OPEN)) {
  for (const [moment, direction] of [["before", "request"], ["after", "answer"]] as const) {
    testServer(`${driver}: a connection cut ${moment} the commit of a write never gives a wrong answer`, async () => {
      await using server = await start();
      await using proxy = new TcpProxy(server.port);
      using direct = open(server.port);
      using cut = open(proxy.port);
      const first = await cut.store.write("task", FIRST, null);
      let writes = 0;
      let isWriting = false;
      proxy.rule = (from, text) => {
        if (from === "request" && text.includes(WRITE.digest)) isWriting = true;
        if (from !== direction || !isWriting || writes > 0) return "pass";
        writes++;
        return "cut";
      };
      const answer = await cut.store.write("task", SECOND, first).then((version) => ({ version }), () => undefined);
      const entry = await direct.store.read("task");
      const isWritten = new TextDecoder().decode(entry?.value) === '"second"';
      assertEquals(writes, 1);
      // a driver that sends the command again must not report a conflict with itself
      if (answer) assertEquals([answer.version, isWritten], [entry?.version, true]);
      else assertEquals(isWritten, moment === "after");
      assertEquals((await cut.store.read("task"))?.version, entry?.version);
    });
  }

  testServer(`${driver}: an abort ends a call on a server that hangs, and the client stays usable`, async () => {
    await using server = await start();
    await using proxy = new TcpProxy(server.port);
    using client = open(proxy.port);
    const first = await client.store.write("task", FIRST, null);
    proxy.rule = forAnswers(() => "drop");
    const controller = new AbortController();
    const call = client.store.write("task", SECOND, first, controller);
    await sleep(50);
    const startedMs = performance.now();
    controller.abort(new Error("enough"));
    await assertRejects(() => call, Error, "enough");
    assertLess(performance.now() - startedMs, 500);
    proxy.rule = undefined;
    // what the driver waits for never comes on this connection
    proxy.cutAll();
    await until(async () => await client.store.read("task").then(Boolean, () => false), "a read");
  });

  testServer(`${driver}: a watch fails when its connection is lost, and a new one sees writes`, async () => {
    await using server = await start();
    await using proxy = new TcpProxy(server.port);
    using client = open(proxy.port);
    using writer = open(server.port);
    const hints = client.store.watch!("task")[Symbol.asyncIterator]();
    await hints.next();
    const next = hints.next();
    proxy.cutAll();
    await assertRejects(() => next);
    const again = client.store.watch!("task")[Symbol.asyncIterator]();
    assertEquals((await again.next()).done, false);
    await writer.store.write("task", FIRST, null);
    assertEquals((await again.next()).done, false);
    await again.return?.();
  });
}

testServer(
  "a failover loses what was not replicated, and no write takes the lost version for the present one",
  async () => {
    await using master = await start();
    await using link = new TcpProxy(master.port);
    await using replica = await startReplica(link.port);
    using before = OPEN["ioredis"]!(master.port);
    const first = await before.store.write("task", FIRST, null);
    const isReplicated = async (): Promise<boolean> => await replica.command("DBSIZE") === "1";
    await until(isReplicated, "the first write on the replica");
    link.rule = () => "cut";
    link.cutAll();
    const lost = await before.store.write("task", SECOND, first);
    assert(lost);
    await master.crash();
    await replica.command("REPLICAOF", "NO", "ONE");
    using after = OPEN["ioredis"]!(replica.port);
    const entry = await after.store.read("task");
    assertEquals([entry?.version, entry?.value], [first!, FIRST]);
    assertEquals(await after.store.write("task", SECOND, lost), null);
    assert(await after.store.write("task", SECOND, first));
  },
);

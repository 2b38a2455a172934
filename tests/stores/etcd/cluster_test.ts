// The store on a cluster of three members, some of which crash.

import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { startEtcdCluster } from "../../../internal/servers/etcd_cluster.ts";
import { EtcdStore } from "../../../stores/etcd.ts";
import { missing } from "./server.ts";

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

Deno.test({
  name: `a store on three members goes on when one crashes, and fails without a majority${
    missing ? ` (skipped: ${missing})` : ""
  }`,
  ignore: missing !== undefined,
  fn: async () => {
    const cluster = await startEtcdCluster();
    if ("reason" in cluster) throw new Error(cluster.reason);
    await using _ = cluster;
    const { members: [first, , third] } = cluster;
    const endpoint = cluster.members.map(({ url }) => url);
    const store = new EtcdStore({ endpoint, requestTimeout: 4_000 });
    const version = await store.write("task", encode("1"), null);
    const hints = store.watch?.("task")[Symbol.asyncIterator]();
    await hints?.next();
    await first.crash();
    // the request was not sent, or it was and the next member says so
    const written = await store.write("task", encode("2"), version).catch(() => undefined);
    const entry = await store.read("task");
    assertEquals(new TextDecoder().decode(entry?.value), "2");
    if (written !== undefined) assertEquals(entry?.version, written);
    // no time of one member counts for all
    assertEquals(entry?.storeTime, undefined);
    const broken = await assertRejects(async () => {
      while (!(await hints?.next())?.done);
    }, Error);
    assertStringIncludes(broken.message, "the connection broke");
    const others = store.watch?.("task")[Symbol.asyncIterator]();
    await others?.next();
    await third.crash();
    await assertRejects(() => store.read("task"), Error, "etcd gave no usable answer within 4000 ms");
    // a member that has lost its leader ends its watches
    await assertRejects(async () => {
      while (!(await others?.next())?.done);
    }, Error);
    await third.start();
    assertEquals((await store.read("task"))?.version, entry?.version);
  },
});

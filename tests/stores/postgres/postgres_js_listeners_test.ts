// The listeners that Postgres.js keeps when a watch can't start, on a real server.

import { type PostgresJs, PostgresStore } from "@neat/periodic-task/stores/postgres";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { DRIVERS } from "./clients.ts";
import { serverTest } from "./server.ts";

serverTest("Postgres.js keeps no listener of watches that failed, and the next one listens", async (_, server) => {
  const url = await server.createDatabase("listeners");
  const opened = await DRIVERS["postgres"]?.(url, {});
  assert(opened);
  const { listen } = opened.client as PostgresJs & { readonly listen: { readonly channels?: object } };
  const { watch } = new PostgresStore({ client: opened.client, watch: true });
  assert(watch);
  await server.stop();
  for (let failure = 0; failure < 3; failure++) {
    await assertRejects(() => watch("a")[Symbol.asyncIterator]().next(), Error, "Cannot watch the records in");
    assertEquals(listen.channels, {});
  }
  await server.start();
  const hints = watch("a")[Symbol.asyncIterator]();
  assertEquals((await hints.next()).done, false);
  assertEquals(Object.keys(listen.channels ?? {}), ["neat_periodic_task"]);
  await hints.return?.();
  assertEquals(listen.channels, {});
  await opened.close();
});

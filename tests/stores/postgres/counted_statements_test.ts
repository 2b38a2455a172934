// What the benchmarks count as statements of clients.

import { assertEquals } from "@std/assert";
import { startPostgres } from "../../../internal/servers/postgres.ts";
import { DRIVERS } from "./clients.ts";
import { skipped } from "./server.ts";

Deno.test({
  name: `the checks of a deferred foreign key are no statements of a client${skipped ? ` (skipped: ${skipped})` : ""}`,
  ignore: skipped !== undefined,
  fn: async () => {
    const server = await startPostgres();
    if ("reason" in server) throw new Error(server.reason);
    await using _ = server;
    const url = await server.createDatabase("counted");
    const { client, close } = await DRIVERS["pg Client"]!(url, {});
    const { query } = client as unknown as { query(text: string): Promise<unknown> };
    const send = query.bind(client);
    await send("CREATE TABLE parent (id int PRIMARY KEY)");
    await send("CREATE TABLE child (id int REFERENCES parent DEFERRABLE INITIALLY DEFERRED)");
    await send("INSERT INTO parent VALUES (1)");
    const before = await server.statements("counted");
    await send("INSERT INTO child SELECT 1 FROM generate_series(1, 10)");
    const after = await server.statements("counted");
    assertEquals([after.sent - before.sent, after.all - before.all], [1, 11]);
    await close();
  },
});

// The programs of docs/migration on real servers, and the one of Deno.cron, which waits for the next minute.

import { serverTest } from "../stores/postgres/server.ts";
import { start, testServer } from "../stores/redis/servers.ts";
import { assertAfter, assertBefore } from "./migration.ts";

const EACH_MINUTE = "* * * * *";

const isWanted = Deno.env.get("NEAT_TEST_STORES") === "1" && Deno.build.os !== "windows";

Deno.test({
  name: "examples/migration/deno_cron/before.ts backs up, and ends at SIGTERM" +
    (isWanted ? "" : " (skipped: `deno task test:stores` runs it, but not on Windows)"),
  ignore: !isWanted,
  fn: () => assertBefore("deno_cron", { CRON: EACH_MINUTE }),
});

testServer("examples/migration/bullmq/before.ts backs up, and after.ts does so on the same Redis", async () => {
  await using server = await start();
  const env = { REDIS_URL: `redis://127.0.0.1:${server.port}` };
  await assertBefore("bullmq", env);
  await assertAfter("bullmq", env);
});

serverTest(
  "examples/migration/pg_boss/before.ts backs up, and after.ts does so on the same PostgreSQL",
  async (_, server) => {
    const env = { DATABASE_URL: await server.createDatabase("pg_boss") };
    // its cron has a minute as the shortest time
    await assertBefore("pg_boss", { ...env, CRON: EACH_MINUTE });
    await assertAfter("pg_boss", env);
  },
);

serverTest(
  "examples/migration/agenda/before.ts backs up, and after.ts does so on the same PostgreSQL",
  async (_, server) => {
    const env = { DATABASE_URL: await server.createDatabase("agenda") };
    await assertBefore("agenda", env);
    await assertAfter("agenda", env);
  },
);

import { assertEquals, assertMatch } from "@std/assert";
import { Consumer } from "./consumer.ts";
import { isNode, packageTest } from "./environment.ts";
import { bundleSuite, forEachProgram } from "./programs.ts";

/** Why a store can't be opened where nothing is installed. */
function noDriver(command: string, ...packages: readonly string[]): string {
  const [first] = packages;
  return `Cannot open the store as no driver is installed; run "${command} ${first}": current value is none of ` +
    packages.join(", ");
}

packageTest("openStore() names the missing driver in an empty project, on each runtime", async (t) => {
  await using consumer = await Consumer.create();
  const bundle = (loading: "esm" | "cjs"): Promise<string> => bundleSuite(consumer, "open_program", loading);
  await forEachProgram(t, bundle, async ({ runtime, file }) => {
    const text = await consumer.runOrThrow(runtime.path, [`./${file}`]);
    const { "s3:": s3, "sqlite:": sqlite, ...outcomes } = JSON.parse(text.split("\n")[0] ?? "");
    const command = isNode(runtime) ? "npm install" : "bun add";
    assertEquals(outcomes, {
      "memory:": "OwningStore",
      // Bun has drivers of its own
      "postgres:": isNode(runtime) ? noDriver(command, "pg", "postgres") : "OwningStore",
      "redis:": isNode(runtime) ? noDriver(command, "ioredis", "redis") : "OwningStore",
      "mysql:": noDriver(command, "mysql2", "mariadb"),
      "libsql:": noDriver(command, "@libsql/client"),
      "deno-kv:": noDriver(command, "@deno/kv"),
      "gs:": "OwningStore",
    });
    // older versions of Node have no SQLite
    assertMatch(sqlite, /^OwningStore$|run "npm install better-sqlite3"/);
    assertMatch(s3, /aws4fetch/);
  });
});

import { assert, assertEquals } from "@std/assert";
import config from "../../deno.json" with { type: "json" };
import { ENTRIES, FORMATS, manifest } from "./manifest.ts";

/** Returns the keys of each object in an `exports` field, and the files that it names. */
function conditionsIn(value: unknown): { keys: string[][]; targets: string[] } {
  if (typeof value === "string") return { keys: [], targets: [value] };
  const inner = Object.values(value as object).map(conditionsIn);
  return {
    keys: [Object.keys(value as object), ...inner.flatMap(({ keys }) => keys)],
    targets: inner.flatMap(({ targets }) => targets),
  };
}

Deno.test("ENTRIES are the exports of deno.json", () => {
  assertEquals(ENTRIES.map(({ subpath }) => subpath), Object.keys(config.exports));
  for (const { subpath, stem } of ENTRIES) {
    assertEquals(`./${stem}.ts`, config.exports[subpath as keyof typeof config.exports]);
  }
});

Deno.test("manifest() exports each entry point in both formats, with types first", () => {
  const { exports, main, types, version } = manifest() as Record<string, unknown> & { exports: object };
  assertEquals(version, config.version);
  assertEquals(Object.keys(exports), [...Object.keys(config.exports), "./package.json"]);
  const { keys: [, ...keys], targets } = conditionsIn(exports);
  for (const names of keys) {
    assert(names[0] === "types" || names.join() === "import,require", `conditions in this order: ${names}`);
  }
  // code and declarations in each format, and package.json
  assertEquals(targets.length, 2 * ENTRIES.length * FORMATS.length + 1);
  assertEquals(new Set(targets).size, targets.length);
  for (const format of FORMATS) assert(targets.some((target) => target.startsWith(`./${format}/`)), format);
  for (const target of [main, types]) assert(targets.includes(target as string), `${target}`);
});

Deno.test("manifest() has no dependencies, and names packages that an entry point may need as optional peers", () => {
  const { dependencies, devDependencies, scripts, ...rest } = manifest();
  assertEquals([dependencies, devDependencies, scripts], [undefined, undefined, undefined]);
  const peers = [
    "@deno/kv",
    "@electric-sql/pglite",
    "@libsql/client",
    "@nats-io/kv",
    "@nats-io/transport-node",
    "@nestjs/common",
    "@nestjs/core",
    "@opentelemetry/api",
    "aws4fetch",
    "better-sqlite3",
    "croner",
    "hono",
    "ioredis",
    "mariadb",
    "mysql2",
    "pg",
    "postgres",
    "redis",
  ];
  assertEquals(Object.keys(rest.peerDependencies as object), peers);
  assertEquals(rest.peerDependenciesMeta, Object.fromEntries(peers.map((name) => [name, { optional: true }])));
});

Deno.test("manifest() takes the versions of croner that deno.json imports from JSR", () => {
  const { croner } = manifest()["peerDependencies"] as Record<string, string>;
  assertEquals(`jsr:@hexagon/croner@${croner}`, config.imports.croner);
});

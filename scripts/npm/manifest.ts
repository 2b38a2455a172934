import config from "../../deno.json" with { type: "json" };
import { npmEquivalents } from "../without_jsr/import_map.ts";

/** The source repository. npm compares a package's provenance with it. */
/** What the package does, in one line. */
export const DESCRIPTION: string = "Runs periodic tasks reliably inside long-running servers, on one replica at a time";

/** The repository of the project. */
export const REPOSITORY: string = "https://github.com/neat/periodic-task";

/** The folders of the module formats: `esm` holds ES modules, `script` holds CommonJS. */
export const FORMATS = ["esm", "script"] as const;

/** A module format, by its folder. */
export type Format = typeof FORMATS[number];

/** An entry point of the package. */
export interface Entry {
  /** As in `exports`, such as "./stores/gcs". */
  readonly subpath: string;
  /** The file's path without `./` and its extension. */
  readonly stem: string;
}

/** The entry points that deno.json exports. */
export const ENTRIES: readonly Entry[] = Object.entries(config.exports)
  .map(([subpath, path]) => ({ subpath, stem: path.replace(/^\.\/|\.ts$/g, "") }));

/**
 * Packages that an entry point imports or takes objects of. Users of that entry point install them beside this package. croner,
 * hono, aws4fetch and @opentelemetry/api have the ranges of deno.json.
 */
export const OPTIONAL_PEERS: Readonly<Record<string, string>> = {
  "@deno/kv": ">=0.8.0",
  "@electric-sql/pglite": ">=0.3.0",
  "@libsql/client": ">=0.14.0",
  "@nats-io/kv": ">=3.0.0",
  "@nats-io/transport-node": ">=3.0.0",
  "@nestjs/common": ">=10.0.0",
  "@nestjs/core": ">=10.0.0",
  "@opentelemetry/api": config.imports["@opentelemetry/api"].replace("npm:@opentelemetry/api@", ""),
  "aws4fetch": config.imports.aws4fetch.replace("npm:aws4fetch@", ""),
  "better-sqlite3": ">=11.0.0",
  "croner": npmEquivalents().croner.replace("npm:croner@", ""),
  "hono": npmEquivalents().hono.replace("npm:hono@", ""),
  "ioredis": ">=5.3.0",
  "mariadb": ">=3.0.0",
  "mysql2": ">=3.0.0",
  "pg": ">=8.11.0",
  "postgres": ">=3.4.0",
  "redis": ">=4.6.0",
};

/** The program that npm installs. */
export const BIN_FILE = "bin/neat-periodic-task.js";

/** The text of that program. */
export const BIN_TEXT = `#!/usr/bin/env node
import { runMain } from "../esm/src/cli.js";

await runMain();
`;

/** Types come first, because a resolver takes the first condition that it knows. */
function filesOf(stem: string, format: Format): Record<string, string> {
  return { types: `./${format}/${stem}.d.ts`, default: `./${format}/${stem}.js` };
}

/** The package.json of the npm package. The version is the one in deno.json. */
export function manifest(): Record<string, unknown> {
  const entries = ENTRIES.map(({ subpath, stem }) => [
    subpath,
    { import: filesOf(stem, "esm"), require: filesOf(stem, "script") },
  ]);
  return {
    name: config.name,
    version: config.version,
    description: DESCRIPTION,
    keywords: [
      "periodic",
      "task",
      "scheduler",
      "interval",
      "cron",
      "replicas",
      "distributed",
      "lease",
      "fencing-token",
      "heartbeat",
      "deno",
      "node",
      "bun",
    ],
    license: config.license,
    homepage: `${REPOSITORY}#readme`,
    bugs: { url: `${REPOSITORY}/issues` },
    repository: { type: "git", url: `git+${REPOSITORY}.git` },
    type: "module",
    sideEffects: false,
    main: "./script/mod.js",
    module: "./esm/mod.js",
    types: "./script/mod.d.ts",
    bin: { "neat-periodic-task": `./${BIN_FILE}` },
    exports: { ...Object.fromEntries(entries), "./package.json": "./package.json" },
    files: ["bin", ...FORMATS, "CHANGELOG.md"],
    engines: { node: ">=20" },
    peerDependencies: OPTIONAL_PEERS,
    peerDependenciesMeta: Object.fromEntries(Object.keys(OPTIONAL_PEERS).map((name) => [name, { optional: true }])),
  };
}

import config from "../../deno.json" with { type: "json" };

/** Where the source is. npm holds a package's provenance against it. */
const REPOSITORY = "https://github.com/neat/periodic-task";

/** The module formats of a build, by the folders that hold them. */
export type Format = "esm" | "script";

/** The entry points as deno.json has them: the subpath, and the file's path without `./` and its extension. */
export const ENTRIES: readonly { readonly subpath: string; readonly stem: string }[] = Object.entries(config.exports)
  .map(([subpath, path]) => ({ subpath, stem: path.replace(/^\.\/|\.ts$/g, "") }));

/** What an entry point needs to be given, and so may need to be installed beside the package. */
const OPTIONAL_PEERS = { "@deno/kv": ">=0.8.0" };

type Conditions = Record<string, string | Record<string, string>>;

/** Types come first: a resolver takes the first condition that it knows. */
function conditions(stem: string, format: Format): Record<string, string> {
  return { types: `./${format}/${stem}.d.ts`, default: `./${format}/${stem}.js` };
}

function exportsOf(formats: readonly Format[]): Record<string, Conditions | string> {
  const entries = ENTRIES.map(({ subpath, stem }): [string, Conditions] => [
    subpath,
    formats.includes("script")
      ? { import: conditions(stem, "esm"), require: conditions(stem, "script") }
      : conditions(stem, "esm"),
  ]);
  return { ...Object.fromEntries(entries), "./package.json": "./package.json" };
}

/** The package.json of a build in these formats. Its version is that of deno.json, which has the only one. */
export function manifest(formats: readonly Format[]): Record<string, unknown> {
  const main: Format = formats.includes("script") ? "script" : "esm";
  return {
    name: config.name,
    version: config.version,
    description: "Runs periodic tasks reliably inside long-running servers, on one replica at a time",
    keywords: [
      "periodic",
      "task",
      "scheduler",
      "interval",
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
    main: `./${main}/mod.js`,
    ...(formats.includes("esm") ? { module: "./esm/mod.js" } : {}),
    types: `./${main}/mod.d.ts`,
    exports: exportsOf(formats),
    files: [...formats, "CHANGELOG.md"],
    engines: { node: ">=20" },
    peerDependencies: OPTIONAL_PEERS,
    peerDependenciesMeta: Object.fromEntries(Object.keys(OPTIONAL_PEERS).map((name) => [name, { optional: true }])),
  };
}

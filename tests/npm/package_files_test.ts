// The files of the installed package and its package.json.

import { assert, assertEquals, assertMatch } from "@std/assert";
import { build } from "esbuild";
import config from "../../deno.json" with { type: "json" };
import { Consumer } from "./consumer.ts";
import { packageTest } from "./environment.ts";
import { FORMATS, IN_MODULES, InstalledPackage, listFiles, nameOf, STEMS, SUBPATHS } from "./installed_package.ts";

type Check = (installed: InstalledPackage, consumer: Consumer) => void | Promise<void>;

/** Packages that users of some entry points install. */
const OPTIONAL_PEERS = [
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

/** The checks of one installed package, by their names. */
const CHECKS = new Map<string, Check>();

CHECKS.set("an installation adds one package to an empty project", async (_installed, consumer) => {
  const lock = JSON.parse(await Deno.readTextFile(`${consumer.folder}/package-lock.json`));
  assertEquals(Object.keys(lock.packages), ["", IN_MODULES]);
  const files = await listFiles(`${consumer.folder}/node_modules`);
  // npm links the program there, and writes two more files for it on Windows
  const others = files.filter((file) => !file.startsWith(`${config.name}/`) && !file.startsWith(".bin/neat-"));
  assertEquals(others, [".package-lock.json"]);
});

CHECKS.set("the package has modules, declarations and documents, and no tests, sources or maps", async (installed) => {
  const { files } = installed;
  assertEquals(files.filter((file) => !/^(esm|script)\//.test(file)), [
    "CHANGELOG.md",
    "LICENSE",
    "README.md",
    "bin/neat-periodic-task.js",
    "package.json",
  ]);
  const others = files.filter((file) => !/\.(js|d\.ts)$|^[^/]+$|^(esm|script)\/package\.json$/.test(file));
  assertEquals(others, []);
  assertEquals(files.filter((file) => /(^|\/)tests?\/|_test\.|\.test\./.test(file)), []);
  for (const ending of [".js", ".d.ts"]) {
    for (const [file, text] of await installed.texts(ending)) {
      assert(!text.includes("sourceMappingURL"), file);
    }
  }
});

CHECKS.set("both formats have the same modules, and each is marked as its format", async (installed) => {
  const modules = (format: string): string[] =>
    installed.files.filter((file) => file.startsWith(`${format}/`) && file.endsWith(".js"))
      .map((file) => file.slice(format.length + 1));
  assertEquals(modules("script"), modules("esm"));
  assertEquals(JSON.parse(await installed.text("esm/package.json")), { type: "module" });
  assertEquals(JSON.parse(await installed.text("script/package.json")), { type: "commonjs" });
  for (const format of FORMATS) {
    for (const stem of STEMS) {
      assert(installed.files.includes(`${format}/${stem}.js`), `${format}/${stem}.js`);
      assert(installed.files.includes(`${format}/${stem}.d.ts`), `${format}/${stem}.d.ts`);
    }
  }
});

CHECKS.set("README, LICENSE and CHANGELOG are those of the project", async (installed) => {
  for (const name of ["README.md", "LICENSE", "CHANGELOG.md"]) {
    const own = await Deno.readTextFile(new URL(`../../${name}`, import.meta.url));
    const heading = (text: string): string | undefined => text.trimStart().split("\n")[0];
    const text = await installed.text(name);
    assertEquals(heading(text), heading(own), name);
    assert(text.length > 500, name);
  }
});

CHECKS.set("package.json has the fields that registries, tools and editors read", ({ manifest }) => {
  const { name, version, license, description, keywords, repository, homepage, bugs } = manifest;
  assertEquals({ name, version, license }, { name: config.name, version: config.version, license: config.license });
  assertMatch(description as string, /^[A-Z].{20,}[^.]$/);
  assert((keywords as string[]).includes("scheduler"));
  const { type, url } = repository as { type: string; url: string };
  assertEquals(type, "git");
  const [, address] = /^git\+(https:\/\/.*)\.git$/.exec(url) ?? [];
  assert(address, url);
  assertEquals(homepage, `${address}#readme`);
  assertEquals(bugs, { url: `${address}/issues` });
  assertEquals(manifest["engines"], { node: ">=20" });
  assertEquals(manifest["sideEffects"], false);
});

CHECKS.set(
  "package.json has no dependencies and no scripts, and optional peers for drivers and cron",
  ({ manifest }) => {
    const unwanted = [
      "dependencies",
      "devDependencies",
      "optionalDependencies",
      "bundleDependencies",
      "scripts",
      "private",
      "publishConfig",
      "_generatedBy",
    ];
    assertEquals(Object.keys(manifest).filter((field) => unwanted.includes(field)), []);
    assertEquals(Object.keys(manifest["peerDependencies"] as object), OPTIONAL_PEERS);
    assertEquals(
      manifest["peerDependenciesMeta"],
      Object.fromEntries(OPTIONAL_PEERS.map((name) => [name, { optional: true }])),
    );
  },
);

CHECKS.set("package.json exports every entry point of deno.json in both formats, with types first", (installed) => {
  const { exports, main, module, types } = installed.manifest;
  assertEquals(Object.keys(exports as object), [...SUBPATHS, "./package.json"]);
  const targets = [main, module, types];
  for (const subpath of SUBPATHS) {
    const formats = (exports as Record<string, Record<string, Record<string, string>>>)[subpath] ?? {};
    assertEquals(Object.keys(formats), ["import", "require"], subpath);
    for (const files of Object.values(formats)) {
      assertEquals(Object.keys(files), ["types", "default"], subpath);
      targets.push(...Object.values(files));
    }
  }
  assertEquals(targets.filter((target) => !installed.files.includes(`${target}`.slice(2))), []);
});

/** The packages whose types declarations show, by the end of the file. */
const DECLARED: readonly (readonly [suffix: string, packages: readonly string[]])[] = [
  ["/src/dashboard/dashboard.d.ts", ["hono"]],
  ["/src/opentelemetry/instrument.d.ts", ["@opentelemetry/api"]],
];

/** The file that needs Node's modules alone. */
const COMMAND_LINE = "src/cli.js";

/** The libraries that entry points stand on, by file. */
const LIBRARIES: Readonly<Record<string, readonly string[]>> = {
  "src/cron.js": ["croner"],
  "src/dashboard.js": ["hono", "hono/body-limit", "hono/html"],
  "src/nestjs.js": ["@nestjs/common", "@nestjs/core"],
  "src/opentelemetry.js": ["@opentelemetry/api"],
  "stores/s3.js": ["aws4fetch"],
};

/** Imports of anything but a relative path, in any form. */
const PACKAGE_IMPORT = /(?:\bfrom|\bimport|\bimport\s*\(|\brequire\s*\()\s*["'](?!\.)([^"']+)["']/g;

CHECKS.set(
  "no code needs Deno, a shim or a package, except that some entry points need their libraries",
  async (installed) => {
    for (const format of FORMATS) {
      const imports: string[] = [];
      const files = [COMMAND_LINE, ...Object.keys(LIBRARIES)];
      const others: Record<string, string[]> = Object.fromEntries(files.map((file) => [file, []]));
      for (const [file, code] of await installed.texts(".js")) {
        assertEquals(/\bDeno\s*[.[?]|_dnt\.|dntShim|core-js|polyfill/.exec(code)?.[0], undefined, file);
        const found = others[file.replace(`${format}/`, "")] ?? imports;
        if (file.startsWith(`${format}/`)) found.push(...[...code.matchAll(PACKAGE_IMPORT)].map(([text]) => text));
      }
      // reads a file with credentials, and is imported only then
      assertEquals(imports, ['import("node:fs/promises"'], format);
      const importOf = (name: string): string => format === "esm" ? `from "${name}"` : `require("${name}"`;
      const expected = Object.entries(LIBRARIES).map(([file, names]) => [file, names.map(importOf).sort()]);
      const { [COMMAND_LINE]: ofCommandLine = [], ...ofOthers } = others;
      assert(ofCommandLine.length > 3 && ofCommandLine.every((text) => text.includes('"node:')), ofCommandLine.join());
      const unique = Object.entries(ofOthers).map(([file, found]) => [file, [...new Set(found)].sort()]);
      assertEquals(Object.fromEntries(unique), Object.fromEntries(expected), format);
    }
  },
);

CHECKS.set("bundlers leave imports of drivers as they are", async (installed) => {
  for (const format of FORMATS) {
    const code = await installed.text(`${format}/stores/open.js`);
    const imports = [...code.matchAll(/\bimport\((?!")(.*?)\)/g)].map(([, specifier]) => specifier);
    assertEquals(imports, ["/* webpackIgnore: true */ /* @vite-ignore */ specifier"], format);
  }
});

/** Built-ins and syntax that the oldest supported Node lacks. */
const NEWER_THAN_NODE_20 = new RegExp(
  [
    /\b(?:Promise\.(?:withResolvers|try)|Array\.fromAsync|(?:Object|Map)\.groupBy|Error\.isError|Iterator\.\w+)\b/,
    /\b(?:Async)?DisposableStack\b|\bUint8Array\.from(?:Hex|Base64)\b|\.to(?:Hex|Base64)\(/,
    /^\s*(?:await )?using \w+ =/,
  ].map(({ source }) => source).join("|"),
  "m",
);

CHECKS.set("no code needs a newer Node than package.json allows", async (installed) => {
  for (const [file, code] of await installed.texts(".js")) {
    assertEquals(NEWER_THAN_NODE_20.exec(code)?.[0], undefined, file);
  }
});

CHECKS.set(
  "no declaration needs a package or a source, except that two entry points show types of their libraries",
  async (installed) => {
    for (const [file, text] of await installed.texts(".d.ts")) {
      const code = text.replace(/\/\*\*.*?\*\//gs, "");
      const [, expected = []] = DECLARED.find(([suffix]) => file.endsWith(suffix)) ?? [];
      assertEquals([...code.matchAll(PACKAGE_IMPORT)].map(([, specifier]) => specifier), [...expected], file);
      assertEquals(/["']\.[^"']*\.ts["']|<reference (?:path|types)\b/.exec(code)?.[0], undefined, file);
    }
  },
);

CHECKS.set("every module and declaration that another imports exists, and no other", async (installed) => {
  const { files, manifest } = installed;
  const exports = JSON.stringify(manifest["exports"]);
  for (const format of FORMATS) {
    assert(exports.includes(`./${format}/`), format);
    const own = files.filter((file) => file.startsWith(`${format}/`));
    for (const ending of [".js", ".d.ts"] as const) {
      const imported = new Set<string>();
      for (const stem of STEMS) {
        for (const file of await installed.imports(`${format}/${stem}${ending}`, { lazy: true })) imported.add(file);
      }
      const expected = [...imported].filter((file) => file.startsWith(`${format}/`)).sort();
      assertEquals(own.filter((file) => file.endsWith(ending)), expected);
      assert([...imported].every((file) => files.includes(file)));
    }
  }
});

/** The most files that an entry point loads: its own, the core, and chunks that it shares with other entry points. */
const MAX_FILES: Readonly<Record<string, number>> = {
  ".": 2,
  "./cli": 10,
  "./dashboard": 10,
  "./stores/datastore": 10,
  "./stores/firestore": 10,
};

/** The same for an entry point that is not listed. */
const MAX_FILES_BY_DEFAULT = 8;

CHECKS.set("an import of an entry point loads few files, as each takes time", async (installed) => {
  for (const format of FORMATS) {
    for (const [index, subpath] of SUBPATHS.entries()) {
      const loaded = await installed.imports(`${format}/${STEMS[index]}.js`, { lazy: false });
      const limit = MAX_FILES[subpath] ?? MAX_FILES_BY_DEFAULT;
      assert(loaded.size <= limit, `${subpath} loads ${[...loaded].join(", ")}`);
    }
  }
});

/** Text that only the code of a store or the test kit has. */
const NOT_CORE = [
  /Cloud Storage/,
  /Datastore/,
  /GOOGLE_/,
  /Deno KV/,
  /PostgreSQL/,
  /of Redis/,
  /SQLite/,
  /simulate/,
  /check the store/,
];

CHECKS.set("an import of the core loads no store and nothing of the test kit", async (installed) => {
  const all = (await installed.texts(".js")).map(([, code]) => code).join("\n");
  for (const pattern of NOT_CORE) assertMatch(all, pattern);
  for (const format of FORMATS) {
    for (const file of await installed.imports(`${format}/mod.js`, { lazy: false })) {
      const code = await installed.text(file);
      assertEquals(NOT_CORE.filter((pattern) => pattern.test(code)), [], file);
    }
  }
});

CHECKS.set("a bundler includes what an entry point needs and no more", async (_installed, consumer) => {
  /** The start of the log lines, which the scheduler has. */
  const schedulerCode = "### [";
  const bundle = async (subpath: string): Promise<string> => {
    const stdin = { contents: `export * from "${nameOf(subpath)}";`, resolveDir: consumer.folder };
    const { outputFiles } = await build({
      stdin,
      bundle: true,
      write: false,
      format: "esm",
      external: ["node:*", "aws4fetch"],
    });
    return outputFiles.map(({ text }) => text).join("");
  };
  assert((await bundle(".")).includes(schedulerCode));
  for (const subpath of SUBPATHS.filter((subpath) => subpath.startsWith("./stores/"))) {
    const code = await bundle(subpath);
    assert(code.length > 0 && !code.includes(schedulerCode), `${subpath}: ${code.length} bytes`);
  }
});

packageTest("the files of the package are complete and no more", async (t) => {
  await using consumer = await Consumer.create();
  const installed = await InstalledPackage.in(consumer.folder);
  for (const [name, check] of CHECKS) await t.step(name, async () => await check(installed, consumer));
});

// What is in the tarball, and what tools that check packages say of it.

import { assert, assertEquals, assertMatch } from "@std/assert";
import { build, stop } from "esbuild";
import config from "../../deno.json" with { type: "json" };
import { ROOT } from "../../internal/processes/deno_command.ts";
import { contentsOf } from "../../scripts/npm/contents.ts";
import { ENTRIES, type Format } from "../../scripts/npm/manifest.ts";
import { AT_ONCE, filesBelow, reached } from "../../scripts/npm/modules.ts";
import { runtimes } from "../../scripts/npm/runtimes.ts";
import { Consumer, type Loading, SKIPPED, TARBALL } from "./consumer.ts";
import { loadings, onEach } from "./programs.ts";

const PUBLINT = "publint@0.3.25";
const ATTW = "@arethetypeswrong/cli@0.18.5";
const IN_MODULES = `node_modules/${config.name}`;
const SUBPATHS = Object.keys(config.exports);

interface Manifest {
  readonly [field: string]: unknown;
  readonly exports: Readonly<Record<string, unknown>>;
}

/** The package as it lies in a project. */
class Installed {
  readonly folder: string;
  readonly files: readonly string[];
  readonly manifest: Manifest;

  private constructor(folder: string, files: readonly string[], manifest: Manifest) {
    this.folder = folder;
    this.files = files;
    this.manifest = manifest;
  }

  static async in(consumer: Consumer): Promise<Installed> {
    const folder = `${consumer.folder}/${IN_MODULES}`;
    const manifest = JSON.parse(await Deno.readTextFile(`${folder}/package.json`));
    return new Installed(folder, await filesBelow(folder), manifest);
  }

  text(file: string): Promise<string> {
    return Deno.readTextFile(`${this.folder}/${file}`);
  }

  /** The texts of the files that end so, by file. */
  async texts(ending: string): Promise<[file: string, text: string][]> {
    const files = this.files.filter((file) => file.endsWith(ending));
    assert(files.length > ENTRIES.length, `${files.length} files end with ${ending}`);
    return await Promise.all(files.map(async (file): Promise<[string, string]> => [file, await this.text(file)]));
  }
}

/** The name by which a program imports an entry point. */
function nameOf(subpath: string): string {
  return `${config.name}${subpath.slice(1)}`;
}

const FORMATS: readonly Format[] = ["esm", "script"];

/** The module formats that are there. */
function formatsOf({ files }: Installed): Format[] {
  return FORMATS.filter((format) => files.some((file) => file.startsWith(`${format}/`)));
}

type Check = (installed: Installed, consumer: Consumer) => void | Promise<void>;

/** What is checked of one and the same installed package. */
const ASPECTS = new Map<string, Check>();

ASPECTS.set("an install adds exactly one package to an empty project", async (_installed, consumer) => {
  const lock = JSON.parse(await Deno.readTextFile(`${consumer.folder}/package-lock.json`));
  assertEquals(Object.keys(lock.packages), ["", IN_MODULES]);
  const folders = await filesBelow(`${consumer.folder}/node_modules`);
  const others = folders.filter((file) => !file.startsWith(`${config.name}/`));
  assertEquals(others, [".package-lock.json"]);
});

ASPECTS.set(
  "the package holds modules, declarations and documents, and no test, source or map",
  async (installed) => {
    const { files, folder } = installed;
    contentsOf(
      await Promise.all(files.map(async (path) => ({ path, bytes: (await Deno.stat(`${folder}/${path}`)).size }))),
    );
    // said once more, in other words than those that let files in
    assertEquals(files.filter((file) => !/^(esm|script)\//.test(file)), [
      "CHANGELOG.md",
      "LICENSE",
      "README.md",
      "package.json",
    ]);
    const odd = files.filter((file) => !/\.(js|d\.ts)$|^[^/]+$|^(esm|script)\/package\.json$/.test(file));
    assertEquals(odd, []);
    assertEquals(files.filter((file) => /(^|\/)tests?\/|_test\.|\.test\./.test(file)), []);
    for (const ending of [".js", ".d.ts"]) {
      for (const [file, text] of await installed.texts(ending)) {
        assert(!text.includes("sourceMappingURL"), file);
      }
    }
  },
);

ASPECTS.set("README, LICENSE and CHANGELOG are those of the project", async (installed) => {
  for (const name of ["README.md", "LICENSE", "CHANGELOG.md"]) {
    const own = await Deno.readTextFile(new URL(name, ROOT));
    const heading = (text: string): string => text.trimStart().split("\n")[0]!;
    const text = await installed.text(name);
    assertEquals(heading(text), heading(own), name);
    assert(text.length > 500, name);
  }
});

ASPECTS.set("package.json tells what registries, tools and editors ask for", ({ manifest }) => {
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

ASPECTS.set("package.json has no dependencies and no scripts, and an optional peer for Deno KV", ({ manifest }) => {
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
  assertEquals(Object.keys(manifest["peerDependencies"] as object), ["@deno/kv"]);
  assertEquals(manifest["peerDependenciesMeta"], { "@deno/kv": { optional: true } });
});

ASPECTS.set("every entry point of deno.json is exported, with types first and files that are there", (installed) => {
  const { exports, main, module, types } = installed.manifest;
  assertEquals(Object.keys(exports), [...SUBPATHS, "./package.json"]);
  const targets = [main, module, types].filter((target) => target !== undefined);
  const visit = (conditions: unknown, where: string): void => {
    if (typeof conditions === "string") return void targets.push(conditions);
    const names = Object.keys(conditions as object);
    const isOfFiles = Object.values(conditions as object).every((target) => typeof target === "string");
    assertEquals(names, isOfFiles ? ["types", "default"] : ["import", "require"], where);
    for (const name of names) visit((conditions as Record<string, unknown>)[name], `${where} ${name}`);
  };
  for (const subpath of SUBPATHS) visit(exports[subpath], subpath);
  assertEquals(targets.filter((target) => !installed.files.includes((target as string).slice(2))), []);
});

/** What is imported from elsewhere, whichever way. */
const FOREIGN = /(?:\bfrom|\bimport|\brequire)\s*\(?\s*["'](?!\.)([^"']+)["']/g;

ASPECTS.set("no code needs Deno, a shim or a package", async (installed) => {
  for (const format of formatsOf(installed)) {
    const foreign: string[] = [];
    for (const [file, code] of await installed.texts(".js")) {
      assertEquals(/\bDeno\s*[.[?]|_dnt\.|dntShim|core-js|polyfill/.exec(code)?.[0], undefined, file);
      if (file.startsWith(`${format}/`)) foreign.push(...[...code.matchAll(FOREIGN)].map(([text]) => text));
    }
    // a file with credentials is read by this, and imported then
    assertEquals(foreign, ['import("node:fs/promises"'], format);
  }
});

ASPECTS.set("no declaration needs another package or a source", async (installed) => {
  for (const [file, text] of await installed.texts(".d.ts")) {
    const code = text.replace(/\/\*\*.*?\*\//gs, "");
    assertEquals([...code.matchAll(FOREIGN)].map(([, specifier]) => specifier), [], file);
    assertEquals(/["']\.[^"']*\.ts["']|<reference (?:path|types)\b/.exec(code)?.[0], undefined, file);
  }
});

ASPECTS.set("each module and each declaration is there that another needs, and no other is", async (installed) => {
  const { files, folder, manifest } = installed;
  assertEquals(formatsOf(installed), FORMATS.filter((name) => JSON.stringify(manifest.exports).includes(`./${name}/`)));
  for (const format of formatsOf(installed)) {
    const own = files.filter((file) => file.startsWith(`${format}/`));
    for (const ending of [".js", ".d.ts"] as const) {
      const needed = await reached(folder, ENTRIES.map(({ stem }) => `${format}/${stem}${ending}`), ending);
      const there = own.filter((file) => file.endsWith(ending));
      assertEquals(there, [...needed].filter((file) => file.startsWith(`${format}/`)).sort());
      assert([...needed].every((file) => files.includes(file)));
    }
  }
});

/** How many files are loaded with an entry point: its own, the core, and what stores on the same services share. */
const MOST_FILES: Readonly<Record<string, number>> = {
  ".": 2,
  "./simulator": 3,
  "./stores/datastore": 5,
  "./stores/deno-kv": 3,
  "./stores/firestore": 5,
  "./stores/gcs": 4,
  "./testing": 3,
};

ASPECTS.set("importing an entry point loads few files, as each takes time", async (installed) => {
  for (const format of formatsOf(installed)) {
    for (const { subpath, stem } of ENTRIES) {
      const loaded = await reached(installed.folder, [`${format}/${stem}.js`], ".js", AT_ONCE);
      assert(loaded.size <= MOST_FILES[subpath]!, `${subpath} loads ${[...loaded].join(", ")}`);
    }
  }
});

ASPECTS.set("importing the core loads no store and nothing of the test kit", async (installed) => {
  const signs = [/Cloud Storage/, /Datastore/, /GOOGLE_/, /Deno KV/, /simulate/, /check the store/];
  const all = (await installed.texts(".js")).map(([, code]) => code).join("\n");
  for (const sign of signs) assertMatch(all, sign);
  for (const format of formatsOf(installed)) {
    for (const file of await reached(installed.folder, [`${format}/mod.js`], ".js", AT_ONCE)) {
      const code = await installed.text(file);
      assertEquals(signs.filter((sign) => sign.test(code)), [], file);
    }
  }
});

ASPECTS.set("a bundler takes what an entry point needs and no more", async (_installed, consumer) => {
  /** The beginning of all lines of the log: in the scheduler. */
  const sign = "### [";
  const bundled = async (subpath: string): Promise<string> => {
    const stdin = { contents: `export * from "${nameOf(subpath)}";`, resolveDir: consumer.folder };
    const { outputFiles } = await build({ stdin, bundle: true, write: false, format: "esm", external: ["node:*"] });
    return outputFiles[0]!.text;
  };
  try {
    assert((await bundled(".")).includes(sign));
    for (const subpath of SUBPATHS.filter((subpath) => subpath.startsWith("./stores/"))) {
      const code = await bundled(subpath);
      assert(!code.includes(sign), `${subpath}: ${code.length} bytes`);
    }
  } finally {
    await stop();
  }
});

Deno.test({
  name: `the package is, as npm installs it, complete and no more than that${SKIPPED}`,
  ignore: TARBALL === undefined,
  fn: async (t) => {
    await using consumer = await Consumer.create();
    const installed = await Installed.in(consumer);
    for (const [aspect, check] of ASPECTS) await t.step(aspect, async () => await check(installed, consumer));
  },
});

/** Loads entry points by their names, and then all files, and tells what the entry points export. */
const PROGRAMS: Readonly<Record<Loading, string>> = {
  esm: `
const { names, files } = JSON.parse(process.argv[2]);
const found = {};
for (const name of names) found[name] = exportsOf(name, await import(name));
for (const file of files) await import(file);
console.log(JSON.stringify(found));
`,
  cjs: `
const { names, files } = JSON.parse(process.argv[2]);
const found = {};
for (const name of names) found[name] = exportsOf(name, require(name));
for (const file of files) require(file);
console.log(JSON.stringify(found));
`,
};

/** Each class must know its name, which logs show; but the test kit is minified. */
const EXPORTS_OF = `
function exportsOf(name, { ...all }) {
  const odd = name.endsWith("/testing") || name.endsWith("/simulator") ? undefined : Object.keys(all).find((key) => all[key].name !== key);
  if (odd) throw new Error(odd + " is called " + all[odd].name);
  return Object.keys(all).sort();
}
`;

Deno.test({
  name: `each entry point exports what its source does, every file loads, and loading does nothing else${SKIPPED}`,
  ignore: TARBALL === undefined,
  fn: async (t) => {
    await using consumer = await Consumer.create();
    const installed = await Installed.in(consumer);
    const expected: Record<string, string[]> = {};
    for (const [subpath, source] of Object.entries(config.exports)) {
      expected[nameOf(subpath)] = Object.keys(await import(new URL(source, ROOT).href)).sort();
    }
    const write = async (loading: Loading): Promise<string> => {
      const file = loading === "esm" ? "names.mjs" : "names.cjs";
      await consumer.write(file, PROGRAMS[loading] + EXPORTS_OF);
      return file;
    };
    await onEach(t, consumer, write, async ({ runtime, loading, file }) => {
      const folder = loading === "esm" ? "esm/" : "script/";
      const modules = installed.files.filter((path) => path.startsWith(folder) && path.endsWith(".js"));
      assert(modules.length > ENTRIES.length);
      const given = { names: Object.keys(expected), files: modules.map((path) => `./${IN_MODULES}/${path}`) };
      const output = await consumer.mustRun(runtime.path, [file, JSON.stringify(given)]);
      assert(output.startsWith("{") && output.endsWith("}\n"), output);
      assertEquals(JSON.parse(output), expected);
    });
  },
});

interface Resolution {
  readonly resolution?: { readonly fileName: string; readonly isTypeScript: boolean };
  readonly implementationResolution?: { readonly fileName: string };
}

interface AttwReport {
  readonly analysis: {
    readonly entrypoints: Readonly<Record<string, { readonly resolutions: Readonly<Record<string, Resolution>> }>>;
    readonly problems: readonly { readonly resolutionKind?: string; readonly resolutionOption?: string }[];
  };
}

/** What attw must find in a package: how it resolves, and from which folder it then takes its files. */
const CLAIMS: Readonly<Record<Loading, Readonly<Record<string, string>>>> = {
  esm: { "node16-esm": "esm", bundler: "esm" },
  cjs: { "node16-cjs": "script" },
};

/** Every claim must hold for every entry point. */
function checkReport(report: AttwReport, claimed: readonly Loading[]): void {
  const { entrypoints, problems } = report.analysis;
  const claims: Record<string, string> = Object.assign({}, ...claimed.map((loading) => CLAIMS[loading]));
  // TypeScript before 4.7 knows no exports, and is not supported
  const isClaimed = ({ resolutionKind: kind, resolutionOption: option }: typeof problems[number]): boolean =>
    option !== "node10" && (kind === undefined || kind in claims);
  assertEquals(problems.filter(isClaimed), []);
  assertEquals(Object.keys(entrypoints), [...SUBPATHS, "./package.json"]);
  for (const subpath of SUBPATHS) {
    for (const [kind, format] of Object.entries(claims)) {
      const { resolution, implementationResolution } = entrypoints[subpath]!.resolutions[kind]!;
      const { fileName = "", isTypeScript } = resolution ?? {};
      assert(isTypeScript && fileName.includes(`/${IN_MODULES}/${format}/`), `${subpath} by ${kind}: ${fileName}`);
      assertEquals(implementationResolution?.fileName, fileName.replace(/\.d\.ts$/, ".js"), `${subpath} by ${kind}`);
    }
  }
}

Deno.test({
  name: `tools that check packages have nothing to say of it${SKIPPED}`,
  ignore: TARBALL === undefined,
  fn: async (t) => {
    await using consumer = await Consumer.create([PUBLINT, ATTW]);
    const node = (await runtimes()).findLast(({ name }) => name.startsWith("Node"))!.path;

    await t.step("publint, at its strictest", async () => {
      const output = await consumer.mustRun(node, ["node_modules/publint/src/cli.js", "--strict", TARBALL!]);
      assert(output.endsWith("Linting...\nAll good!\n"), output);
    });

    await t.step("Are the types wrong?", async () => {
      const claimed = await loadings(consumer);
      const profile = claimed.includes("cjs") ? "node16" : "esm-only";
      const attw = [
        "node_modules/@arethetypeswrong/cli/dist/index.js",
        "--no-definitely-typed",
        `--profile=${profile}`,
      ];
      // first as people read it, as what it says for programs is cut off where there are problems
      await consumer.mustRun(node, [...attw, "--format=ascii", "--no-emoji", TARBALL!]);
      const text = await consumer.mustRun(node, [...attw, "--format=json", TARBALL!]);
      // Node may have a warning to add
      checkReport(JSON.parse(text.slice(0, text.lastIndexOf("}") + 1)), claimed);
    });
  },
});

// Projects in TypeScript that use the package, with the oldest and the newest compiler, and every way of resolving modules.

import { assert, assertEquals, assertMatch } from "@std/assert";
import config from "../../deno.json" with { type: "json" };
import { denoOrThrow } from "../../internal/processes/deno_command.ts";
import { type Runtime, runtimes } from "../../scripts/npm/runtimes.ts";
import { Consumer, type Loading, type Output, SKIPPED, TARBALL } from "./consumer.ts";
import { loadings } from "./programs.ts";

/** The compilers, each with the newest types of Node that it can read. */
const COMPILERS = [
  { version: "5.4.5", nodeTypes: "20" },
  { version: "7.0.2", nodeTypes: "26" },
] as const;

const SOURCES = ["core", "simulator", "stores", "testing"];

/** How modules are resolved, and what TypeScript then takes them for. */
const RESOLUTIONS = [
  { moduleResolution: "node16", module: "node16", loadings: ["esm", "cjs"] },
  { moduleResolution: "nodenext", module: "nodenext", loadings: ["esm", "cjs"] },
  { moduleResolution: "bundler", module: "esnext", loadings: ["esm"] },
] as const;

/** What the globals are declared by: a page, worker or bundler has DOM's types, a server has Node's. */
const GLOBALS = {
  "DOM": { lib: ["ES2022", "DOM"], types: [] },
  "Node": { lib: ["ES2022"], types: ["node"] },
} as const;

/** Runtimes that come with types of their own, for compilers that keep up with them. */
const RUNTIME_TYPES = {
  "Bun": { package: "@types/bun@1.4.5", lib: ["ESNext"], types: ["bun"] },
  "Cloudflare": {
    package: "@cloudflare/workers-types@5.20261117.1",
    lib: ["ES2022"],
    types: ["@cloudflare/workers-types"],
  },
} as const;

const STRICT = {
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  noImplicitOverride: true,
  noPropertyAccessFromIndexSignature: true,
  isolatedModules: true,
  // the package's declarations are checked too, not only used
  skipLibCheck: false,
  target: "ES2022",
};

const NODE_NEXT = { module: "nodenext", moduleResolution: "nodenext" };

function extensionOf(loading: Loading): string {
  return loading === "esm" ? ".mts" : ".cts";
}

/** A line that can't be right, in a file that is right otherwise. */
const WRONG = `
import { NeatPeriodicTaskScheduler } from "${config.name}";
export const answer: number = new NeatPeriodicTaskScheduler({ name: "a", interval: 9, timeout: 1, task: () => {} }).state;
`;

/** A project with a compiler, the package, and the sources, each as an ES module and for CommonJS. */
class Project implements AsyncDisposable {
  readonly consumer: Consumer;
  /** Runs the compiler. */
  readonly #newest: Runtime;
  /** Runs what it makes. */
  readonly #oldest: Runtime;

  private constructor(consumer: Consumer, nodes: readonly Runtime[]) {
    this.consumer = consumer;
    this.#newest = nodes.at(-1)!;
    this.#oldest = nodes[0]!;
  }

  static async create({ version, nodeTypes }: typeof COMPILERS[number]): Promise<Project> {
    const nodes = (await runtimes()).filter(({ name }) => name.startsWith("Node"));
    const kv = config.imports["@deno/kv"].replace("npm:", "");
    const consumer = await Consumer.create([`typescript@${version}`, `@types/node@${nodeTypes}`, kv]);
    for (const name of [...SOURCES, "disposal", "kv"]) {
      const text = await Deno.readTextFile(new URL(`typescript/${name}.ts`, import.meta.url));
      for (const loading of ["esm", "cjs"] as const) await consumer.write(`${name}${extensionOf(loading)}`, text);
    }
    await consumer.write("wrong.mts", WRONG);
    return new Project(consumer, nodes);
  }

  /** Compiles files with some options. */
  async compile(files: string[], options: Record<string, unknown>): Promise<Output> {
    const compilerOptions = { ...STRICT, noEmit: true, ...options };
    await this.consumer.write("tsconfig.json", JSON.stringify({ compilerOptions, files }));
    const args = ["node_modules/typescript/bin/tsc", "--pretty", "false", "-p", "."];
    return await this.consumer.run(this.#newest.path, args);
  }

  async mustCompile(files: string[], options: Record<string, unknown>): Promise<void> {
    const { code, text } = await this.compile(files, options);
    assert(code === 0 && text === "", text);
  }

  /** Runs what was compiled on the oldest Node, and answers with the lines that it prints. */
  async lines(program: string): Promise<string[]> {
    return (await this.consumer.mustRun(this.#oldest.path, [program])).trim().split("\n");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.consumer[Symbol.asyncDispose]();
  }
}

/** All sources, as far as the package has what they need. */
async function checkSources(t: Deno.TestContext, project: Project): Promise<void> {
  const offered = await loadings(project.consumer);
  for (const [globals, declared] of Object.entries(GLOBALS)) {
    for (const { loadings, ...resolution } of RESOLUTIONS) {
      const used = offered.filter((loading) => loadings.some((known) => known === loading)).map(extensionOf);
      const files = used.flatMap((extension) => SOURCES.map((name) => `${name}${extension}`));
      await t.step(
        `every public name, and what must not compile: ${resolution.moduleResolution}, ${globals}'s types, ${
          used.join(" and ")
        }`,
        () => project.mustCompile(files, { ...resolution, ...declared }),
      );
    }
  }
}

async function checkRuntimeTypes(t: Deno.TestContext, project: Project): Promise<void> {
  const runtimes = Object.entries(RUNTIME_TYPES);
  await project.consumer.install(...runtimes.map(([, { package: name }]) => name));
  const files = SOURCES.map((name) => `${name}${extensionOf("esm")}`);
  for (const [runtime, { lib, types }] of runtimes) {
    const options = { module: "esnext", moduleResolution: "bundler", lib, types };
    await t.step(`the same: bundler, ${runtime}'s types, .mts`, () => project.mustCompile(files, options));
  }
}

/** Else, whatever the sources do would compile. */
async function checkWrong(project: Project): Promise<void> {
  const { code, text } = await project.compile(["wrong.mts"], { ...NODE_NEXT, ...GLOBALS.Node });
  assert(code !== 0, text);
  assertMatch(text, /^wrong\.mts\(3,14\): error TS2322: /);
  assertEquals(text.match(/error TS/g)?.length, 1, text);
}

async function checkDisposal(project: Project, loading: Loading): Promise<void> {
  const { types, lib } = GLOBALS.Node;
  const options = { types, lib: [...lib, "ESNext.Disposable"], noEmit: false, outDir: "out", rootDir: "." };
  await project.mustCompile([`disposal${extensionOf(loading)}`], { ...NODE_NEXT, ...options });
  const lines = await project.lines(`out/disposal${loading === "esm" ? ".mjs" : ".cjs"}`);
  assertEquals(lines, [
    '### [START] neat-periodic-task: "alone"',
    '### [FINISHED] neat-periodic-task: "alone"',
    "the group is disposable, the run finished",
    "stopped",
  ]);
}

for (const compiler of COMPILERS) {
  Deno.test({
    name: `projects in TypeScript ${compiler.version} compile, with the package's declarations${SKIPPED}`,
    ignore: TARBALL === undefined,
    fn: async (t) => {
      await using project = await Project.create(compiler);
      await checkSources(t, project);
      if (compiler === COMPILERS.at(-1)) await checkRuntimeTypes(t, project);
      await t.step("a wrong use of the package is told from a right one", () => checkWrong(project));
      for (const loading of await loadings(project.consumer)) {
        await t.step(
          `"await using" compiles for Node 20, and stops what it should there: ${extensionOf(loading)}`,
          () => checkDisposal(project, loading),
        );
      }
      await t.step("the store of Deno KV takes the databases of @deno/kv", () => {
        const { types, lib } = GLOBALS.Node;
        // what others declare is theirs to check
        const options = { types, lib: [...lib, "ESNext.Disposable"], skipLibCheck: true };
        return project.mustCompile(["kv.mts"], { ...NODE_NEXT, ...options });
      });
    },
  });
}

/** The names that sources take from an entry point: in braces, or by a name for all of it. */
function namesFrom(specifier: string, sources: string): Set<string> {
  const names = new Set<string>();
  for (const [, braces, all, from] of sources.matchAll(/^import (?:\{(.*?)\}|type \* as (\w+)) from "(.*?)";$/gms)) {
    if (from !== specifier) continue;
    for (const name of braces?.split(",") ?? []) names.add(name.trim().replace(/^type /, ""));
    if (all) { for (const [, name] of sources.matchAll(new RegExp(`\\b${all}\\.(\\w+)`, "g"))) names.add(name!); }
  }
  return names;
}

interface Documentation {
  readonly nodes: Readonly<Record<string, { readonly symbols: readonly { readonly name: string }[] }>>;
}

Deno.test("the projects in TypeScript use every name that the package exports", async () => {
  const texts = await Promise.all(
    SOURCES.map((name) => Deno.readTextFile(new URL(`typescript/${name}.ts`, import.meta.url))),
  );
  for (const [subpath, file] of Object.entries(config.exports)) {
    const documentation: Documentation = JSON.parse(await denoOrThrow(["doc", "--json", file], { capture: true }));
    const names = Object.values(documentation.nodes).flatMap(({ symbols }) => symbols.map(({ name }) => name));
    assert(names.length > 5, subpath);
    const used = namesFrom(`${config.name}${subpath.slice(1)}`, texts.join("\n"));
    assertEquals(names.filter((name) => !used.has(name)), [], subpath);
  }
});

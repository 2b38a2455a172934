/** Projects in TypeScript that use the package: every exported name, and lines that must not compile. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import config from "../../deno.json" with { type: "json" };
import { Consumer, type Loading, LOADINGS, type Output } from "./consumer.ts";
import { AWS4FETCH } from "./aws4fetch.ts";
import { CRONER } from "./croner.ts";
import { OPENTELEMETRY_API } from "./opentelemetry.ts";
import { HONO } from "./hono.ts";
import { nodePath, packageTest } from "./environment.ts";

/** A version of TypeScript, and the newest types of Node that it can compile. */
export interface Compiler {
  readonly version: string;
  readonly nodeTypes: string;
  /** Types of other runtimes that this compiler can compile. */
  readonly runtimeTypes: readonly RuntimeTypes[];
}

/** The types of a runtime that are not Node's. */
export interface RuntimeTypes {
  readonly runtime: string;
  readonly package: string;
  readonly lib: readonly string[];
  readonly types: readonly string[];
}

/** Sources with a test of their own. */
const SEPARATE = ["disposal", "kv", "postgres_bun", "postgres_clients", "sqlite_drivers"];

/** The sources that use packages whose declarations some compilers refuse. Hono's need TypeScript 5.7. */
const UNCHECKED = ["dashboard"];

/** The drivers of stores that have declarations. */
const DRIVERS = ["@deno/kv", "@electric-sql/pglite", "@libsql/client", "pg", "postgres"] as const;
/** The declarations of drivers that have none of their own. The driver better-sqlite3 itself would have to be compiled. */
const DRIVER_TYPES = ["@types/better-sqlite3@7", "@types/pg@8.23.1"];

/** The ways of resolving modules, and the loadings of the files that TypeScript then compiles. */
const RESOLUTIONS = [
  { moduleResolution: "node16", module: "node16", loadings: LOADINGS },
  { moduleResolution: "nodenext", module: "nodenext", loadings: LOADINGS },
  { moduleResolution: "bundler", module: "esnext", loadings: ["esm"] },
] as const;

/** The declarations of globals: a page, worker or bundler has DOM's types, a server has Node's. */
const GLOBALS = {
  DOM: { lib: ["ES2022", "DOM"], types: [] },
  Node: { lib: ["ES2022"], types: ["node"] },
} as const;

const STRICT = {
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  noImplicitOverride: true,
  noPropertyAccessFromIndexSignature: true,
  isolatedModules: true,
  // checks the package's declarations too
  skipLibCheck: false,
  target: "ES2022",
};

const NODE_NEXT = { module: "nodenext", moduleResolution: "nodenext" };

/** A file with one error. */
const WRONG = `
import { NeatPeriodicTaskScheduler } from "${config.name}";
export const answer: number = new NeatPeriodicTaskScheduler({ name: "a", interval: 9, timeout: 1, task: () => {} }).state;
`;

function extensionOf(loading: Loading): string {
  return loading === "esm" ? ".mts" : ".cts";
}

async function readSource(name: string): Promise<string> {
  return await Deno.readTextFile(new URL(`typescript/${name}.ts`, import.meta.url));
}

/** Returns the sources in tests/npm/typescript that use the exported names, by their names. */
export async function readSources(): Promise<Map<string, string>> {
  const sources = new Map<string, string>();
  for await (const file of Deno.readDir(new URL("typescript", import.meta.url))) {
    const name = file.name.replace(/\.ts$/, "");
    if (!SEPARATE.includes(name)) sources.set(name, await readSource(name));
  }
  return sources;
}

/** A project with a compiler, the package, and the sources, each as an ES module and as CommonJS. */
class TypeScriptProject implements AsyncDisposable {
  readonly #consumer: Consumer;
  readonly #sources: readonly string[];

  private constructor(consumer: Consumer, sources: readonly string[]) {
    this.#consumer = consumer;
    this.#sources = sources;
  }

  static async create({ version, nodeTypes, runtimeTypes }: Compiler): Promise<TypeScriptProject> {
    const drivers = DRIVERS.map((name) => config.imports[name].replace("npm:", ""));
    const packages = [
      `typescript@${version}`,
      `@types/node@${nodeTypes}`,
      ...drivers,
      ...DRIVER_TYPES,
      CRONER,
      AWS4FETCH,
      OPENTELEMETRY_API,
      HONO,
      ...runtimeTypes.map((own) => own.package),
    ];
    const consumer = await Consumer.create(packages);
    const sources = await readSources();
    const texts = new Map(sources);
    for (const name of SEPARATE) texts.set(name, await readSource(name));
    for (const [name, text] of texts) {
      for (const loading of LOADINGS) await consumer.write(`${name}${extensionOf(loading)}`, text);
    }
    await consumer.write("wrong.mts", WRONG);
    return new TypeScriptProject(consumer, [...sources.keys()].filter((name) => !UNCHECKED.includes(name)));
  }

  /** The files that use every exported name. */
  files(loadings: readonly Loading[]): string[] {
    return loadings.flatMap((loading) => this.#sources.map((name) => `${name}${extensionOf(loading)}`));
  }

  /** Compiles files. */
  async compile(files: readonly string[], options: Readonly<Record<string, unknown>>): Promise<Output> {
    const compilerOptions = { ...STRICT, noEmit: true, ...options };
    await this.#consumer.write("tsconfig.json", JSON.stringify({ compilerOptions, files }));
    const args = [this.#consumer.packageFile("typescript/bin/tsc"), "--pretty", "false", "-p", "."];
    return await this.#consumer.run(nodePath("newest"), args);
  }

  async assertCompiles(files: readonly string[], options: Readonly<Record<string, unknown>>): Promise<void> {
    const { code, text } = await this.compile(files, options);
    assert(code === 0 && text === "", text);
  }

  /** Runs a compiled program on the oldest Node, and returns the lines that it prints. */
  async run(program: string): Promise<string[]> {
    return (await this.#consumer.runOrThrow(nodePath("oldest"), [program])).trim().split("\n");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#consumer[Symbol.asyncDispose]();
  }
}

/** Compiles the sources with each way of resolving modules, and with the types of each runtime. */
async function checkSources(t: Deno.TestContext, project: TypeScriptProject, compiler: Compiler): Promise<void> {
  for (const [globals, declared] of Object.entries(GLOBALS)) {
    for (const { loadings, ...resolution } of RESOLUTIONS) {
      const extensions = loadings.map(extensionOf).join(" and ");
      await t.step(
        `every exported name, and lines that must not compile: ${resolution.moduleResolution}, ${globals}'s types, ${extensions}`,
        () => project.assertCompiles(project.files(loadings), { ...resolution, ...declared }),
      );
    }
  }
  for (const { runtime, lib, types } of compiler.runtimeTypes) {
    const options = { module: "esnext", moduleResolution: "bundler", lib, types };
    await t.step(
      `every exported name, and lines that must not compile: bundler, ${runtime}'s types, .mts`,
      () => project.assertCompiles(project.files(["esm"]), options),
    );
  }
}

/** Asserts that an error is found: otherwise the other checks would prove nothing. */
async function checkError(project: TypeScriptProject): Promise<void> {
  const { code, text } = await project.compile(["wrong.mts"], { ...NODE_NEXT, ...GLOBALS.Node });
  assert(code !== 0, text);
  assertMatch(text, /^wrong\.mts\(3,14\): error TS2322: /);
  assertEquals(text.match(/error TS/g)?.length, 1, text);
}

async function checkDisposal(project: TypeScriptProject, loading: Loading): Promise<void> {
  const { types, lib } = GLOBALS.Node;
  const options = { types, lib: [...lib, "ESNext.Disposable"], noEmit: false, outDir: "out", rootDir: "." };
  await project.assertCompiles([`disposal${extensionOf(loading)}`], { ...NODE_NEXT, ...options });
  const lines = await project.run(`out/disposal${loading === "esm" ? ".mjs" : ".cjs"}`);
  // the first check after start() may come before the stop or after it
  assertEquals(lines.filter((line) => !line.includes("[ALIVE]")), [
    '### [START] neat-periodic-task: "alone"',
    '### [FINISHED] neat-periodic-task: "alone"',
    "the group is disposable, the run finished",
    "stopped",
  ]);
}

/** Defines the test of a compiler. */
export function compilerTest(compiler: Compiler): void {
  packageTest(`projects in TypeScript ${compiler.version} compile with the package's declarations`, async (t) => {
    await using project = await TypeScriptProject.create(compiler);
    await checkSources(t, project, compiler);
    await t.step("an error in the use of the package is reported", () => checkError(project));
    for (const loading of LOADINGS) {
      await t.step(
        `"await using" compiles for the oldest Node and stops the scheduler there: ${extensionOf(loading)}`,
        () => checkDisposal(project, loading),
      );
    }
    await t.step("the store of Deno KV takes the databases of @deno/kv", () => {
      const { types, lib } = GLOBALS.Node;
      // the declarations of @deno/kv are not checked
      const options = { types, lib: [...lib, "ESNext.Disposable"], skipLibCheck: true };
      return project.assertCompiles(["kv.mts"], { ...NODE_NEXT, ...options });
    });
    for (const loading of LOADINGS) {
      await t.step(
        `every exported name of ./dashboard, and lines that must not compile: ${extensionOf(loading)}`,
        () => {
          const { types, lib } = GLOBALS.Node;
          const files = UNCHECKED.map((name) => `${name}${extensionOf(loading)}`);
          return project.assertCompiles(files, { ...NODE_NEXT, types, lib, skipLibCheck: true });
        },
      );
    }
    await t.step("the store of SQLite takes the databases of drivers", () => {
      const { types, lib } = GLOBALS.Node;
      const options = { types, lib, skipLibCheck: true, esModuleInterop: true };
      return project.assertCompiles(["sqlite_drivers.mts"], { ...NODE_NEXT, ...options });
    });
    await t.step("the store of PostgreSQL takes the clients of pg, postgres and PGlite", () => {
      const { types, lib } = GLOBALS.Node;
      // the declarations of the drivers are not checked
      const options = { types, lib: [...lib, "ESNext.Disposable", "DOM"], skipLibCheck: true };
      return project.assertCompiles(["postgres_clients.mts"], { ...NODE_NEXT, ...options });
    });
    for (const { lib, types } of compiler.runtimeTypes.filter(({ runtime }) => runtime === "Bun")) {
      await t.step("the store of PostgreSQL takes the clients of Bun", () => {
        const options = { module: "esnext", moduleResolution: "bundler", lib, types, skipLibCheck: true };
        return project.assertCompiles(["postgres_bun.mts"], options);
      });
    }
  });
}

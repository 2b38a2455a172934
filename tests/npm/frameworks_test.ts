// The servers of examples/frameworks on Node, with the installed package.

import { assert, assertEquals } from "@std/assert";
import { cp } from "node:fs/promises";
import { dirname } from "node:path";
import config from "../../deno.json" with { type: "json" };
import { Consumer, type Loading, LOADINGS } from "./consumer.ts";
import { nodePath, packageTest } from "./environment.ts";
import { assertFinishesRun } from "./framework_server.ts";
import { HONO } from "./hono.ts";
import { NEST_VERSIONS, nestPackages, type NestVersion } from "./nestjs.ts";

const EXAMPLES = new URL("../../examples/frameworks/", import.meta.url);

const AGES = ["oldest", "newest"] as const;

const SERVERS = { express: "Hello from Express", fastify: "Hello from Fastify", hono: "Hello from Hono" };

/** Too large for the cache of Deno: 370 MB. */
const NEXT = "next@16.4.6";

/** Returns a package of deno.json as npm takes it. */
function pinned(name: "@hono/node-server" | "express" | "fastify" | "typescript"): string {
  return config.imports[name].replace("npm:", "");
}

packageTest("servers with Express, Fastify and Hono finish the run in progress at SIGTERM on Node", async (t) => {
  await using consumer = await Consumer.create([
    HONO,
    ...(["@hono/node-server", "express", "fastify"] as const).map(pinned),
  ]);
  for (const [name, answer] of Object.entries(SERVERS)) {
    await consumer.bundle(`examples/frameworks/${name}.ts`, `${name}.mjs`);
    for (const age of AGES) {
      await t.step(`${name} on the ${age} Node`, () => {
        const command = { command: nodePath(age), args: [`${name}.mjs`], cwd: consumer.folder };
        return assertFinishesRun({ ...command, answer, others: /^Listening/ });
      });
    }
  }
});

/** A provider that gets the group by the type of its parameter. */
const OBSERVER = `
@Injectable()
class Observer {
  constructor(private readonly tasks: NeatPeriodicTaskGroup) {}

  onApplicationBootstrap(): void {
    console.log("tasks:", [...this.tasks].map(({ name }) => name).join());
  }
}
`;

/** The end of a process by the signal: Nest 10 sends it again, as newer versions do without `useProcessExit`. */
const SIGTERM_CODE = 143;

/** The controller on the page about Nest, with its imports. */
async function healthController(): Promise<string> {
  const page = await Deno.readTextFile(new URL("../../docs/frameworks/nestjs.md", import.meta.url));
  const [, code] = /```ts no-run\n([^`]*class HealthController[^`]*)```/.exec(page) ?? [];
  assert(code !== undefined);
  return code.replace(/^ *\/\/ @ts-ignore.*\n/m, "");
}

/** The example with a further provider, and with the controller. */
async function nestSource(version: NestVersion): Promise<string> {
  const example = await Deno.readTextFile(new URL("nestjs.ts", EXAMPLES));
  const controller = await healthController();
  const source = example.replace("\n@Injectable", () => `${controller}\n@Injectable`)
    .replace("\n@Module", `${OBSERVER}\n@Module`)
    .replace("providers: [CleanUpService]", "controllers: [HealthController], providers: [CleanUpService, Observer]");
  assert(source.length > example.length + controller.length + OBSERVER.length);
  return version === 10 ? source.replace(", { useProcessExit: true }", "") : source;
}

/** Compiles the source as projects of Nest do, and returns the program. */
async function compileNest(consumer: Consumer, version: NestVersion, loading: Loading): Promise<string> {
  const extension = loading === "esm" ? "mts" : "cts";
  await consumer.write(`nest.${extension}`, await nestSource(version));
  const compilerOptions = {
    module: "nodenext",
    target: "ES2022",
    types: ["node"],
    strict: true,
    skipLibCheck: true,
    esModuleInterop: true,
    experimentalDecorators: true,
    emitDecoratorMetadata: true,
    outDir: "out",
    rootDir: ".",
  };
  await consumer.write("tsconfig.json", JSON.stringify({ compilerOptions, files: [`nest.${extension}`] }));
  const compiler = consumer.packageFile("typescript/bin/tsc");
  assertEquals(await consumer.runOrThrow(nodePath("newest"), [compiler, "--pretty", "false", "-p", "."]), "");
  return `out/nest.${extension.replace("t", "j")}`;
}

/** The versions of Node on which a format of Nest can be loaded: the oldest one cannot `require()` ES modules. */
function agesFor(version: NestVersion, loading: Loading): readonly typeof AGES[number][] {
  return version === 12 && loading === "cjs" ? ["newest"] : AGES;
}

for (const version of NEST_VERSIONS) {
  packageTest(`an application of Nest ${version} finishes the run in progress at SIGTERM`, async (t) => {
    const express = `@nestjs/platform-express@${version}`;
    await using consumer = await Consumer.create([
      ...nestPackages(version),
      express,
      pinned("typescript"),
      "@types/node@24",
    ]);
    for (const loading of LOADINGS) {
      const program = await compileNest(consumer, version, loading);
      for (const age of agesFor(version, loading)) {
        await t.step(`${loading === "esm" ? "ES module" : "CommonJS"} on the ${age} Node`, async () => {
          const command = { command: nodePath(age), args: [program], cwd: consumer.folder };
          const others =
            /^Listening|^tasks: clean-up$|\[(NestFactory|InstanceLoader|NestApplication|RoutesResolver|RouterExplorer)\]|WARN/;
          const code = version === 10 ? SIGTERM_CODE : 0;
          await assertFinishesRun({ ...command, answer: "Cannot GET /", others, code });
        });
      }
    }
  });
}

packageTest("a server with Next.js finishes the run in progress at SIGTERM", async () => {
  const types = [pinned("typescript"), "@types/node@24", "@types/react@19"];
  await using consumer = await Consumer.create([NEXT, "react@19", "react-dom@19", ...types]);
  const cwd = `${consumer.folder}/server`;
  await cp(new URL("nextjs", EXAMPLES), cwd, { recursive: true });
  // the packages are above the folder
  const folder = JSON.stringify(dirname(consumer.packageFile("")));
  await consumer.write("server/next.config.mjs", `export default { turbopack: { root: ${folder} } };`);
  const next = consumer.packageFile("next/dist/bin/next");
  const env = { NEXT_TELEMETRY_DISABLED: "1", NEXT_MANUAL_SIG_HANDLE: "true" };
  await consumer.runOrThrow(nodePath("newest"), [next, "build", "server"], { env });
  const command = { command: nodePath("newest"), args: [next, "start", "--hostname=127.0.0.1"], cwd, env };
  await assertFinishesRun({
    ...command,
    answer: "Hello from Next.js",
    others: /^$|^\W* ?(Next|Local|Network|Ready|Running)/,
  });
});

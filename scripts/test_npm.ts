// deno task test:npm [--built] [arguments of `deno test`]
//
// Builds the npm package, or uses the one in npm/ with --built, packs it, and runs tests/npm. These install the tarball into empty
// projects and use it there: on each version of Node, on Bun, in workerd, in test frameworks and from TypeScript.

import { availableBuilder, build, pack } from "./npm/build.ts";
import { runtimes } from "./npm/runtimes.ts";
import { buildPackage, PACKAGE_FOLDER } from "./build_npm.ts";
import { importArgs, isOnJsr } from "./jsr.ts";
import { buildFakeGcsServer } from "../internal/servers/fake_gcs_server.ts";
import { runTests } from "./test.ts";

/** How many test files run at the same time, unless DENO_JOBS is set. Many of them wait for timers and downloads. */
const TEST_FILES_AT_ONCE = 3;

/** Builds the package unless it is built, and packs it. A second build shows whether builds are reproducible. */
async function packPackage(isBuilt: boolean, folder: string): Promise<Record<string, string>> {
  const hasDnt = await isOnJsr("@deno/dnt");
  if (!isBuilt) await buildPackage(await availableBuilder());
  const tarball = await pack(PACKAGE_FOLDER, folder);
  await Deno.mkdir(`${folder}/again/package`, { recursive: true });
  await build(`${folder}/again/package`, await availableBuilder(), ["--without-tests"]);
  const again = await pack(`${folder}/again/package`, `${folder}/again`);
  if (!hasDnt) return { NEAT_NPM_TARBALL: tarball, NEAT_NPM_TARBALL_AGAIN: again };
  // where dnt can be used, the tests compare it with the other builder
  await Deno.mkdir(`${folder}/other/package`, { recursive: true });
  await build(`${folder}/other/package`, "typescript", []);
  return {
    NEAT_NPM_TARBALL: tarball,
    NEAT_NPM_TARBALL_AGAIN: again,
    NEAT_NPM_OTHER_TARBALL: await pack(`${folder}/other/package`, `${folder}/other`),
  };
}

/** Installs the runtimes unless they are installed. */
async function installRuntimes(): Promise<Record<string, string>> {
  const installed = await runtimes();
  for (const { name, version } of installed) console.log(`${name}: ${version}`);
  return { NEAT_NPM_RUNTIMES: JSON.stringify(installed) };
}

/** Builds fake-gcs-server unless it is built. The tests of the Cloud Storage store use it beside the project's own fake. */
async function prepareFakeGcsServer(): Promise<Record<string, string>> {
  const name = "NEAT_FAKE_GCS_SERVER";
  const path = Deno.env.get(name);
  const server = path ? { path } : await buildFakeGcsServer();
  if ("path" in server) return { [name]: server.path };
  console.log(`fake-gcs-server is skipped: ${server.reason}`);
  return {};
}

async function main(): Promise<number> {
  const folder = await Deno.makeTempDir({ prefix: "periodic_task_" });
  try {
    const variables = await Promise.all([
      packPackage(Deno.args.includes("--built"), folder),
      installRuntimes(),
      prepareFakeGcsServer(),
    ]);
    const jobs = Deno.env.get("DENO_JOBS") ?? String(TEST_FILES_AT_ONCE);
    for (const [name, value] of Object.entries(Object.assign({ DENO_JOBS: jobs }, ...variables))) {
      Deno.env.set(name, String(value));
    }
    const args = Deno.args.filter((arg) => arg !== "--built");
    return await runTests(await importArgs(), [
      "--parallel",
      "--no-check",
      ...(args.length > 0 ? args : ["tests/npm"]),
    ]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

if (import.meta.main) Deno.exit(await main());

// deno task test:npm [--built] [arguments of `deno test`]
//
// Builds the npm package, or takes it as it is in npm/, packs it, and runs tests/npm: they install the tarball into empty projects
// and use it there as its users do, on each version of Node, on Bun, in workerd, in test frameworks and from TypeScript.

import { pack } from "./npm/build.ts";
import { runtimes } from "./npm/runtimes.ts";
import { denoOrThrow } from "../internal/processes/deno_command.ts";
import { PACKAGE } from "./build_npm.ts";
import { importArgs } from "./jsr.ts";
import { buildFakeGcsServer } from "../internal/servers/fake_gcs_server.ts";
import { runTests } from "./test.ts";

/** Says what stands for Cloud Storage, beside our own fake. */
async function prepareCloudStorage(): Promise<void> {
  const found = Deno.env.get("NEAT_FAKE_GCS_SERVER");
  const server = found ? { path: found } : await buildFakeGcsServer();
  if ("path" in server) Deno.env.set("NEAT_FAKE_GCS_SERVER", server.path);
  else console.log(`fake-gcs-server is skipped, as ${server.reason}`);
}

async function main(): Promise<number> {
  if (!Deno.args.includes("--built")) await denoOrThrow(["run", "-A", "scripts/build_npm.ts"]);
  const folder = await Deno.makeTempDir({ prefix: "periodic_task_" });
  try {
    const tarball = await pack(PACKAGE, folder);
    for (const { name, version } of await runtimes()) console.log(`${name}: ${version}`);
    Deno.env.set("NEAT_NPM_TARBALL", tarball);
    await prepareCloudStorage();
    const args = Deno.args.filter((arg) => arg !== "--built");
    return await runTests(await importArgs(), args.length > 0 ? args : ["tests/npm"]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

if (import.meta.main) Deno.exit(await main());

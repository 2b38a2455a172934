// Cloudflare Workers with the installed package in their bundles, run by workerd through miniflare.

import { assert, assertEquals } from "@std/assert";
import { build } from "esbuild";
import { FakeGcs } from "../../internal/servers/fake_gcs.ts";
import { FakeS3 } from "../../internal/servers/fake_s3.ts";
import { FaultServer } from "../../internal/servers/fault_server.ts";
import { AWS4FETCH } from "./aws4fetch.ts";
import { Consumer } from "./consumer.ts";
import { nodePath, packageTest } from "./environment.ts";

const MINIFLARE = "miniflare@4.20260730.0";

/** Sends requests to a worker one after the other and prints the responses. "scheduled" stands for a Cron Trigger. */
const HOST = `
import { Miniflare } from "miniflare";

const [scriptPath, flags, ...paths] = process.argv.slice(2);
const miniflare = new Miniflare({
  modules: true,
  scriptPath,
  compatibilityDate: "2025-01-01",
  compatibilityFlags: JSON.parse(flags),
  cf: false,
});
try {
  const responses = [];
  for (const path of paths) {
    if (path === "scheduled") {
      const worker = await miniflare.getWorker();
      responses.push((await worker.scheduled({ cron: "0 * * * *" })).outcome);
      continue;
    }
    const response = await miniflare.dispatchFetch("http://127.0.0.1" + path);
    responses.push(response.ok ? await response.json() : await response.text());
  }
  console.log("responses: " + JSON.stringify(responses));
} finally {
  await miniflare.dispose();
}
`;

/** Bundles a worker as Wrangler does: into one module, with the package's files for workers. */
async function bundleWorker(consumer: Consumer, name: string): Promise<string> {
  const file = `${name}.bundle.mjs`;
  await consumer.bundle(`tests/npm/workerd/${name}.ts`, `${name}.mjs`);
  const { warnings } = await build({
    absWorkingDir: consumer.folder,
    entryPoints: [`${name}.mjs`],
    outfile: file,
    bundle: true,
    format: "esm",
    target: "es2024",
    conditions: ["workerd", "worker", "browser"],
    logLevel: "silent",
  });
  assertEquals(warnings, []);
  return file;
}

/** Sends requests to new instances of a worker, and returns the responses. */
type Send = (...paths: string[]) => Promise<unknown[]>;

/** Bundles a worker of tests/npm/workerd and returns a function that sends requests to it. */
async function loadWorker(consumer: Consumer, name: string, flags: readonly string[] = []): Promise<Send> {
  await consumer.write("host.mjs", HOST);
  const bundle = await bundleWorker(consumer, name);
  // miniflare needs Node 22 or newer
  const node = nodePath("newest");
  return async (...paths) => {
    const text = await consumer.runOrThrow(node, ["host.mjs", bundle, JSON.stringify(flags), ...paths]);
    const [, responses] = /^responses: (.*)$/m.exec(text) ?? [];
    assert(responses, text);
    return JSON.parse(responses);
  };
}

/** The log lines of a run that finishes. */
function linesOfRun(name: string, term: number): string[] {
  return [
    `### [START] neat-periodic-task: "${name}"`,
    `term ${term}`,
    `### [FINISHED] neat-periodic-task: "${name}"`,
  ];
}

packageTest("a Cloudflare Worker runs tasks in its handlers", async (t) => {
  await using consumer = await Consumer.create([MINIFLARE]);
  const send = await loadWorker(consumer, "worker");

  await t.step("in fetch(), with one scheduler for all requests or one for each", async () => {
    assertEquals(await send("/trigger", "/trigger", "/own"), [
      { outcome: "finished", lines: linesOfRun("worker", 1) },
      { outcome: "finished", lines: linesOfRun("worker", 2) },
      { outcome: "finished", lines: linesOfRun("own", 1) },
    ]);
  });

  await t.step("in fetch(), with a task that fails or times out", async () => {
    assertEquals(await send("/failure", "/timeout"), [
      {
        outcome: "failed",
        lines: [
          '### [START] neat-periodic-task: "failing"',
          '### [FAILED] neat-periodic-task: "failing" RangeError: no connection',
        ],
      },
      {
        outcome: "timeout",
        lines: [
          '### [START] neat-periodic-task: "late"',
          '### [FAILED] neat-periodic-task: "late", timeout exceeded! TimeoutError: The run exceeded 20 ms',
        ],
      },
    ]);
  });

  await t.step("in scheduled(), on a Cron Trigger", async () => {
    const lines = [...linesOfRun("worker", 1), ...linesOfRun("worker", 2)];
    assertEquals(await send("scheduled", "scheduled", "/lines"), ["ok", "ok", lines]);
  });

  await t.step("in a loop during a request", async () => {
    assertEquals(await send("/loop"), [{ terms: [1, 2, 3], clean: true }]);
  });
});

for (const [name, service] of [["gcs", new FakeGcs()], ["s3", new FakeS3()]] as const) {
  packageTest(`Cloudflare Workers with Node's modules share a store of ./stores/${name}`, async () => {
    await using server = new FaultServer(service);
    await using consumer = await Consumer.create([MINIFLARE, AWS4FETCH]);
    // the store imports one of Node's modules to read files with credentials
    const send = await loadWorker(consumer, `${name}_worker`, ["nodejs_compat"]);
    const path = `/${encodeURIComponent(server.url)}`;
    assertEquals(await send(path), [{ outcome: "finished", term: 1 }]);
    assertEquals(await send(path, path), [{ outcome: "finished", term: 2 }, { outcome: "finished", term: 3 }]);
  });
}

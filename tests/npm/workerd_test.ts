// A Cloudflare Worker that has the installed package in its bundle, in workerd itself, by way of miniflare.

import { assert, assertEquals } from "@std/assert";
import config from "../../deno.json" with { type: "json" };
import { ROOT } from "../../internal/processes/deno_command.ts";
import { mustRun } from "../../scripts/npm/run.ts";
import { runtimes } from "../../scripts/npm/runtimes.ts";
import { FakeGcs } from "../../internal/servers/fake_gcs.ts";
import { FaultServer } from "../../internal/servers/fault_server.ts";
import { Consumer, SKIPPED, TARBALL } from "./consumer.ts";

const MINIFLARE = "miniflare@4.20260730.0";

/** Sends requests to a worker, one after the other, and tells the answers; `scheduled` is what a Cron Trigger sends. */
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
  const answers = [];
  for (const path of paths) {
    if (path === "scheduled") {
      const worker = await miniflare.getWorker();
      answers.push((await worker.scheduled({ cron: "0 * * * *" })).outcome);
      continue;
    }
    const response = await miniflare.dispatchFetch("http://127.0.0.1" + path);
    answers.push(response.ok ? await response.json() : await response.text());
  }
  console.log("answers: " + JSON.stringify(answers));
} finally {
  await miniflare.dispose();
}
`;

/** Bundles a worker as Wrangler does: all of it in one module, with what packages offer for workers. */
async function bundleWorker(consumer: Consumer, name: string): Promise<string> {
  const bundle = `${name}.bundle.mjs`;
  await consumer.bundle(`tests/npm/workerd/${name}.ts`, `${name}.mjs`);
  const options = ["--bundle", "--format=esm", "--target=es2024", "--conditions=workerd,worker,browser"];
  const files = [`${consumer.folder}/${name}.mjs`, `--outfile=${consumer.folder}/${bundle}`];
  const esbuild = ["run", "-A", "--quiet", "--no-config", config.imports.esbuild];
  await mustRun(Deno.execPath(), [...esbuild, ...files, ...options, "--log-level=warning"], { cwd: ROOT });
  return bundle;
}

/** Asks workers in workerd. */
class Workerd implements AsyncDisposable {
  readonly #consumer: Consumer;
  readonly #node: string;

  private constructor(consumer: Consumer, node: string) {
    this.#consumer = consumer;
    this.#node = node;
  }

  static async create(): Promise<Workerd> {
    const consumer = await Consumer.create([MINIFLARE]);
    await consumer.write("host.mjs", HOST);
    // miniflare asks for Node 22
    const node = (await runtimes()).findLast(({ name }) => name.startsWith("Node"))!;
    return new Workerd(consumer, node.path);
  }

  /** Bundles a worker; what is answered sends requests to new instances of it. */
  async load(name: string, flags: string[] = []): Promise<(...paths: string[]) => Promise<unknown[]>> {
    const bundle = await bundleWorker(this.#consumer, name);
    return async (...paths) => {
      const text = await this.#consumer.mustRun(this.#node, ["host.mjs", bundle, JSON.stringify(flags), ...paths]);
      const [, answers] = /^answers: (.*)$/m.exec(text) ?? [];
      assert(answers, text);
      return JSON.parse(answers);
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#consumer[Symbol.asyncDispose]();
  }
}

/** What a run of the task leaves in the log. */
function ran(name: string, term: number): string[] {
  return [
    `### [START] neat-periodic-task: "${name}"`,
    `term ${term}`,
    `### [FINISHED] neat-periodic-task: "${name}"`,
  ];
}

Deno.test({
  name: `a Cloudflare Worker runs tasks in its handlers${SKIPPED}`,
  ignore: TARBALL === undefined,
  fn: async (t) => {
    await using workerd = await Workerd.create();
    const ask = await workerd.load("worker");

    await t.step("once for each request, with one scheduler for all, or with one of the request's own", async () => {
      assertEquals(await ask("/trigger", "/trigger", "/own"), [
        { outcome: "finished", lines: ran("worker", 1) },
        { outcome: "finished", lines: ran("worker", 2) },
        { outcome: "finished", lines: ran("own", 1) },
      ]);
    });

    await t.step("and says how they failed", async () => {
      assertEquals(await ask("/failure", "/timeout"), [
        {
          outcome: "failed",
          lines: [
            '### [START] neat-periodic-task: "failing"',
            '### [FAILED] neat-periodic-task: "failing" RangeError: no luck',
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

    await t.step("when a Cron Trigger comes", async () => {
      const lines = [...ran("worker", 1), ...ran("worker", 2)];
      assertEquals(await ask("scheduled", "scheduled", "/lines"), ["ok", "ok", lines]);
    });

    await t.step("in a loop, as long as a request lasts", async () => {
      assertEquals(await ask("/loop"), [{ terms: [1, 2, 3], clean: true }]);
    });
  },
});

Deno.test({
  name: `Cloudflare Workers share a store, where they have Node's modules${SKIPPED}`,
  ignore: TARBALL === undefined,
  fn: async () => {
    await using server = new FaultServer(new FakeGcs());
    await using workerd = await Workerd.create();
    // with the modules of Node, one of which is there to read files with credentials
    const ask = await workerd.load("gcs_worker", ["nodejs_compat"]);
    const path = `/${encodeURIComponent(server.url)}`;
    assertEquals(await ask(path), [{ outcome: "finished", term: 1 }]);
    assertEquals(await ask(path, path), [{ outcome: "finished", term: 2 }, { outcome: "finished", term: 3 }]);
  },
});

/**
 * Runs the specification under the fakes of `node:test`, Vitest and Jest: in Node, from bundles in a temporary folder, with the
 * frameworks as npm installs them.
 */
import { assert } from "@std/assert";
import { LENGTH } from "./specification.ts";

const PACKAGES = ["vitest@5.1.1", "jest@30.5.2"];
const MIN_NODE = [20, 19] as const;
const LIMIT_MS = 300_000;
/** Vitest and Jest take long to install and run, so they run under `deno task ok` alone. */
const isThorough = Deno.env.get("NEAT_TEST_THOROUGH") === "1";
/** Every sentence is tested with our module imported before, and with it imported under fakes. */
const TESTS = 2 * LENGTH;

const NPM = Deno.build.os === "windows" ? "npm.cmd" : "npm";

interface Output {
  readonly code: number;
  readonly text: string;
}

async function run(command: string, args: string[], options: Deno.CommandOptions = {}): Promise<Output> {
  const { code, stdout, stderr } = await new Deno.Command(command, { args, ...options }).output();
  const text = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes)).join("");
  return { code, text: options.signal?.aborted ? `${text}\nEnded after ${LIMIT_MS} ms` : text };
}

/** Why the frameworks can't be run here, if they can't. */
async function obstacle(): Promise<string | undefined> {
  for (const command of ["node", NPM]) {
    const version = await run(command, ["--version"]).catch(() => undefined);
    if (version?.code !== 0) return `there is no ${command}`;
    if (command !== "node") continue;
    const [major = 0, minor = 0] = version.text.replace("v", "").split(".").map(Number);
    if (major < MIN_NODE[0] || (major === MIN_NODE[0] && minor < MIN_NODE[1])) {
      return `node is older than ${MIN_NODE.join(".")}: ${version.text.trim()}`;
    }
  }
  return undefined;
}

/** A temporary folder, and the commands that run in it. */
class Workshop {
  readonly #folder: string;
  readonly #options: Deno.CommandOptions;

  constructor(folder: string, signal: AbortSignal) {
    this.#folder = folder;
    this.#options = { cwd: folder, signal, env: { NO_COLOR: "1", NODE_OPTIONS: "" } };
  }

  /** Turns a module and all that it imports into one file of JavaScript. */
  async bundle(source: string, target: string): Promise<void> {
    const entry = new URL(import.meta.resolve(source)).href;
    // in the folder of the project, for its configuration
    const { cwd: _, ...options } = this.#options;
    await this.#mustRun(Deno.execPath(), ["bundle", "--quiet", `--output=${this.#folder}/${target}`, entry], options);
  }

  async install(): Promise<void> {
    await Deno.writeTextFile(`${this.#folder}/package.json`, "{}");
    // npx hands the project's prefix on to what it starts; Vitest 5 runs on Node 20, although it doesn't say so
    const where = [`--prefix=${this.#folder}`, "--engine-strict=false"];
    const quickly = ["--ignore-scripts", "--prefer-offline", "--no-audit", "--no-fund"];
    await this.#mustRun(NPM, ["install", ...where, ...quickly, ...PACKAGES], this.#options);
  }

  node(...args: string[]): Promise<Output> {
    return run("node", args, this.#options);
  }

  async #mustRun(command: string, args: string[], options: Deno.CommandOptions): Promise<void> {
    const { code, text } = await run(command, args, options);
    assert(code === 0, text);
  }
}

/** Calls back with a workshop, of which nothing is left afterwards. */
async function withWorkshop(work: (workshop: Workshop) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "periodic_task_" });
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(), LIMIT_MS);
  try {
    await work(new Workshop(folder, limit.signal));
  } finally {
    clearTimeout(timer);
    await Deno.remove(folder, { recursive: true });
  }
}

const missing = await obstacle();
if (missing) console.log(`The tests under node:test, Vitest and Jest are skipped, as ${missing}.`);

Deno.test({
  name: "a scheduler keeps time under the fakes of Node's frameworks",
  ignore: missing !== undefined,
  fn: (t) =>
    withWorkshop(async (workshop) => {
      // one after the other: where Deno has yet to fetch its bundler, two would get in each other's way
      const bundled = (async () => {
        await workshop.bundle("../../mod.ts", "imported_before.mjs");
        await workshop.bundle("../../mod.ts", "imported_under_fakes.mjs");
        await workshop.bundle("./node_suite.ts", "node_suite.mjs");
        if (isThorough) await workshop.bundle("./vitest_and_jest_suite.ts", "suite.test.mjs");
      })();
      const installed = isThorough ? Promise.all([bundled, workshop.install()]) : undefined;

      const underNode = bundled.then(() =>
        workshop.node("--test-reporter=spec", "--test-force-exit", "node_suite.mjs")
      );
      const vitest = ["node_modules/vitest/vitest.mjs", "run", "--globals", "--pool=threads", "suite.test.mjs"];
      const underVitest = installed?.then(() => workshop.node(...vitest));
      const jest = ["--experimental-vm-modules", "node_modules/jest/bin/jest.js", "--runInBand", "--watchman=false"];
      const jestFiles = [
        "--forceExit",
        "--transform={}",
        "--testMatch=**/suite.test.mjs",
        "--cacheDirectory=jest_cache",
      ];
      const underJest = installed?.then(() => workshop.node(...jest, ...jestFiles));

      const runs = [
        ["node:test", underNode, `^ℹ pass ${TESTS}$`],
        ["Vitest", underVitest, `^ *Tests +${TESTS} passed \\(${TESTS}\\)$`],
        ["Jest", underJest, `^Tests: +${TESTS} passed, ${TESTS} total$`],
      ] as const;
      await Promise.allSettled(runs.map(([, output]) => output));
      for (const [framework, output, summary] of runs) {
        await t.step({
          name: output ? framework : `${framework} (skipped: \`deno task ok\` runs it)`,
          ignore: !output,
          fn: async () => {
            const { code, text } = await output ?? { code: -1, text: "" };
            assert(code === 0 && new RegExp(summary, "m").test(text), text);
          },
        });
      }
    }),
});

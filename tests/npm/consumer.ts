/** Empty projects that install the tarball of the package, and what runs in them. */
import { assert } from "@std/assert";
import config from "../../deno.json" with { type: "json" };
import { ROOT } from "../../internal/processes/deno_command.ts";
import { mustRun, NPM, npmIn } from "../../scripts/npm/run.ts";

/** The tarball that `deno task test:npm` has made. Without it, there is nothing to test. */
export const TARBALL: string | undefined = Deno.env.get("NEAT_NPM_TARBALL");

const ESBUILD = config.imports.esbuild;

/** What the names of tests end with where they are skipped. */
export const SKIPPED: string = TARBALL ? "" : " (skipped: `deno task test:npm` runs it)";

/** What a command came to. */
export interface Output {
  readonly code: number;
  /** Standard output, and then standard error. */
  readonly text: string;
}

/** How a module is loaded. */
export type Loading = "esm" | "cjs";

/** A project of its own in a temporary folder, which is gone when it is disposed of. */
export class Consumer implements AsyncDisposable {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  /** Makes an empty project and installs the tarball, and maybe other packages. */
  static async create(packages: string[] = []): Promise<Consumer> {
    const consumer = new Consumer(await Deno.makeTempDir({ prefix: "periodic_task_" }));
    try {
      await consumer.write("package.json", "{}");
      await consumer.install(TARBALL!, ...packages);
    } catch (error) {
      await consumer[Symbol.asyncDispose]();
      throw error;
    }
    return consumer;
  }

  /** Installs more packages, as npm resolves them. Nothing of theirs is run. */
  async install(...packages: string[]): Promise<void> {
    const options = [...npmIn(this.folder), "--ignore-scripts", "--prefer-offline", "--engine-strict=false"];
    await mustRun(NPM, ["install", ...options, ...packages], { cwd: this.folder });
  }

  /** Whether the package was built in this format, as its own package.json says. */
  async offers(loading: Loading): Promise<boolean> {
    const manifest = JSON.parse(
      await Deno.readTextFile(`${this.folder}/node_modules/@neat/periodic-task/package.json`),
    );
    return loading === "esm" || "require" in manifest.exports["."];
  }

  async write(path: string, text: string): Promise<void> {
    await Deno.writeTextFile(`${this.folder}/${path}`, text);
  }

  /**
   * Turns a module of the tests into one file of JavaScript, all in it but what is imported from packages, and from our package by
   * its name. Those are found in the project.
   *
   * @param source Relative to the project's root, such as "tests/npm/core_suite.ts".
   * @param target In the folder: `.mjs` gives an ES module, `.cjs` CommonJS.
   */
  async bundle(source: string, target: string): Promise<void> {
    const format = target.endsWith(".cjs") ? "cjs" : "esm";
    const options = ["--bundle", "--packages=external", "--platform=node", "--log-level=error", `--format=${format}`];
    const args = [source, ...options, `--outfile=${this.folder}/${target}`];
    // not `deno bundle`, which takes the package's name for that of its own files
    await mustRun(Deno.execPath(), ["run", "-A", "--quiet", "--no-config", ESBUILD, ...args], { cwd: ROOT });
  }

  /** Runs a program in the folder. It is ended after a time limit, and then fails. */
  async run(program: string, args: string[], limitMs = 120_000): Promise<Output> {
    const signal = AbortSignal.timeout(limitMs);
    const env = { NO_COLOR: "1", NODE_OPTIONS: "" };
    const command = new Deno.Command(program, { args, cwd: this.folder, env, signal, stdin: "null" });
    const { code, stdout, stderr } = await command.output();
    const text = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes)).join("");
    return { code, text: signal.aborted ? `${text}\nEnded after ${limitMs} ms` : text };
  }

  /** The same, and it must succeed. Answers with what it printed. */
  async mustRun(program: string, args: string[], limitMs?: number): Promise<string> {
    const { code, text } = await this.run(program, args, limitMs);
    assert(code === 0, `${program} ${args.join(" ")}\n${text}`);
    return text;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.folder, { recursive: true });
  }
}

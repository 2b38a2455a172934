/** The package and the runtimes that `deno task test:npm` gives to these tests, as environment variables. */
import { stop } from "esbuild";

/** A program that runs JavaScript. */
export interface Runtime {
  /** Such as "Node 22" or "Bun". */
  readonly name: string;
  readonly path: string;
  /** The version that the program reports. */
  readonly version: string;
}

/** The names of the environment variables. */
export const VARIABLES = {
  tarball: "NEAT_NPM_TARBALL",
  tarballAgain: "NEAT_NPM_TARBALL_AGAIN",
  otherTarball: "NEAT_NPM_OTHER_TARBALL",
  runtimes: "NEAT_NPM_RUNTIMES",
} as const;

function required(name: string): string {
  const value = Deno.env.get(name);
  if (value === undefined) throw new Error(`Cannot test the package as ${name} is not set: current value is undefined`);
  return value;
}

/** The tarball of the package. */
export function tarball(): string {
  return required(VARIABLES.tarball);
}

/** The tarball of a second build of the same source. */
export function tarballAgain(): string {
  return required(VARIABLES.tarballAgain);
}

/** The tarball that the other builder made, if both builders can be used here. */
export function otherTarball(): string | undefined {
  return Deno.env.get(VARIABLES.otherTarball);
}

/** The runtimes, the oldest Node first. */
export function runtimes(): readonly Runtime[] {
  return JSON.parse(required(VARIABLES.runtimes));
}

/** Whether a runtime is a version of Node. */
export function isNode({ name }: Runtime): boolean {
  return name.startsWith("Node ");
}

/** The path of the oldest or the newest Node. */
export function nodePath(age: "oldest" | "newest"): string {
  const node = runtimes().filter(isNode).at(age === "oldest" ? 0 : -1);
  if (!node) throw new Error(`Cannot test the package as ${VARIABLES.runtimes} has no Node: current value is none`);
  return node.path;
}

const isAvailable = Deno.env.has(VARIABLES.tarball) && Deno.env.has(VARIABLES.runtimes);

/**
 * Defines a test of the package, which runs only in `deno task test:npm`. Leaks are not checked: esbuild's process ends some time
 * after the test, and concurrent steps share the process.
 *
 * @param skipped Why the test cannot run here, if it cannot.
 */
export function packageTest(
  name: string,
  fn: (t: Deno.TestContext) => Promise<void>,
  skipped: string | undefined = undefined,
): void {
  const reason = isAvailable ? skipped : "`deno task test:npm` runs it";
  Deno.test({
    name: reason === undefined ? name : `${name} (skipped: ${reason})`,
    ignore: reason !== undefined,
    sanitizeOps: false,
    sanitizeResources: false,
    sanitizeExit: false,
    fn: async (t) => {
      try {
        await fn(t);
      } finally {
        await stop();
      }
    },
  });
}

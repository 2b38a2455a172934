/**
 * Loads the driver that is installed.
 *
 * @module
 */
import { cannot } from "../../src/errors.ts";
import { OPEN } from "./scheme.ts";

/** A package that has a driver. */
export interface DriverPackage<T> {
  /** The name of the package. */
  readonly name: string;
  /** What is imported, if it is not the name. */
  readonly specifier?: string;
  /** The versions that Deno loads from npm if the program has none; absent if the package doesn't run in Deno. */
  readonly range?: string;
  /** Makes a client of the module. */
  readonly create: (module: never) => T;
}

/** A runtime's own driver. */
export interface BuiltInDriver<T> {
  /** Makes a client; `undefined` if the runtime has no such driver. */
  readonly create: () => T | undefined;
}

/** The runtimes that need different commands. */
export type RuntimeName = "Deno" | "Bun" | "Node";

/** Which runtime this is. Others count as Node. */
export function runtimeName(): RuntimeName {
  if ("Deno" in globalThis) return "Deno";
  return "Bun" in globalThis ? "Bun" : "Node";
}

const NOT_FOUND_CODES = ["ERR_MODULE_NOT_FOUND", "MODULE_NOT_FOUND", "ERR_UNKNOWN_BUILTIN_MODULE"];

/** How Deno and bundlers say that there is no such module. */
const NOT_FOUND_MESSAGE =
  /not a dependency|Relative import path|Cannot find (?:module|package)|No such built-in module/;

/** Whether an import failed because there is no such module, and not because the module itself failed. */
function isNotFound(error: unknown, name: string): boolean {
  const { code, message } = (error ?? {}) as { readonly code?: unknown; readonly message?: unknown };
  // a driver may lack a package of its own
  if (!String(message).includes(name)) return false;
  return NOT_FOUND_CODES.includes(String(code)) || NOT_FOUND_MESSAGE.test(String(message));
}

/** Imports a module by a name that bundlers can't see and must leave as it is, so that they neither include nor need it. */
async function importModule(specifier: string): Promise<unknown> {
  return await import(/* webpackIgnore: true */ /* @vite-ignore */ specifier);
}

/**
 * Imports a module if it is there.
 *
 * @param name The name of the package.
 * @param specifier The name of the module.
 * @returns The module, or `undefined` if there is none.
 * @throws {Error} If the module fails.
 */
export async function importInstalled(name: string, specifier: string = name): Promise<unknown> {
  try {
    return await importModule(specifier);
  } catch (error) {
    if (isNotFound(error, name)) return undefined;
    const state = `the driver "${specifier}" can't be loaded`;
    throw new Error(cannot(OPEN, state, String((error as Error)?.message ?? error)), { cause: error });
  }
}

/** Loads the first package of some that is installed, and makes a client of it. */
async function createInstalled<T>(packages: readonly DriverPackage<T>[]): Promise<T | undefined> {
  for (const { name, specifier = name, create } of packages) {
    const module = await importInstalled(name, specifier);
    if (module !== undefined) return create(module as never);
  }
  return undefined;
}

/** In Deno, loads the first package that npm has, so that programs without an import map need none. */
async function createFromNpm<T>(packages: readonly DriverPackage<T>[], errors: unknown[]): Promise<T | undefined> {
  if (runtimeName() !== "Deno") return undefined;
  for (const { name, specifier = name, range, create } of packages) {
    if (range === undefined) continue;
    let module: unknown;
    try {
      module = await importModule(`npm:${name}@${range}${specifier.slice(name.length)}`);
    } catch (error) {
      errors.push(error);
      continue;
    }
    return create(module as never);
  }
  return undefined;
}

const INSTALL: Readonly<Record<RuntimeName, string>> = {
  Deno: "deno add npm:",
  Bun: "bun add ",
  Node: "npm install ",
};

/**
 * Makes a client of the first driver that there is.
 *
 * @param packages The packages, the best one first.
 * @param builtIn The driver of the runtime, which is used if no package is installed.
 * @returns The client.
 * @throws {Error} If there is none. The message has the command that installs one.
 */
export async function createClient<T>(packages: readonly DriverPackage<T>[], builtIn?: BuiltInDriver<T>): Promise<T> {
  const errors: unknown[] = [];
  const client = await createInstalled(packages) ?? builtIn?.create() ?? await createFromNpm(packages, errors);
  if (client !== undefined) return client;
  throw new Error(missingDriverMessage(packages), { cause: errors[0] });
}

function missingDriverMessage(packages: readonly DriverPackage<unknown>[]): string {
  const runtime = runtimeName();
  const [best] = packages.filter(({ name, range }) =>
    !name.includes(":") && (runtime !== "Deno" || range !== undefined)
  );
  const state = best ? `no driver is installed; run "${INSTALL[runtime]}${best.name}"` : "this runtime has no driver";
  return `Cannot ${OPEN} as ${state}: current value is none of ${packages.map(({ name }) => name).join(", ")}`;
}

/** The exports of a module. Those of CommonJS may be in its default export only. */
export function exportsOf<T extends object>(module: T, name: keyof T): T {
  return name in module ? module : (module as unknown as { readonly default: T }).default;
}

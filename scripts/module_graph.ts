import config from "../deno.json" with { type: "json" };
import { denoOrThrow, ROOT } from "../internal/processes/deno_command.ts";

export interface Import {
  /** The specifier in the source. */
  specifier: string;
  /** The path relative to the project's root, or the URL of a file outside of the project. */
  target: string;
  /** Whether the import is erased from the code. */
  typeOnly: boolean;
}

/** The imports of each module, by its path relative to the project's root or its URL. */
export type ModuleGraph = Map<string, Import[]>;

interface DenoInfo {
  modules: {
    specifier: string;
    dependencies?: { specifier: string; code?: { specifier?: string }; type?: { specifier?: string } }[];
  }[];
}

/** The entry points of deno.json, relative to the project's root. */
export const ENTRY_POINTS: string[] = Object.values(config.exports).map((path) => path.replace("./", ""));

function relative(url: string): string {
  return url.startsWith(ROOT.href) ? url.slice(ROOT.href.length) : url;
}

/** Reads all imports of some files, direct and indirect, for code and for types. */
export async function moduleGraph(entryPoints: string[]): Promise<ModuleGraph> {
  const graph: ModuleGraph = new Map();
  for (const entryPoint of entryPoints) {
    const info: DenoInfo = JSON.parse(await denoOrThrow(["info", "--json", entryPoint], { capture: true }));
    for (const { specifier, dependencies = [] } of info.modules) {
      const imports = dependencies.map(({ specifier, code, type }) => ({
        specifier,
        target: relative(code?.specifier ?? type?.specifier ?? specifier),
        typeOnly: code === undefined,
      }));
      graph.set(relative(specifier), imports);
    }
  }
  return graph;
}

import config from "../deno.json" with { type: "json" };
import { denoOrThrow, ROOT } from "./deno_command.ts";

export interface Import {
  /** As the source has it. */
  specifier: string;
  /** Relative to the project's root if the target is a file of the project, else the whole URL. */
  target: string;
  /** Whether nothing of it is left when the code runs. */
  typeOnly: boolean;
}

/** The imports of each module, by the module's path relative to the project's root, or its URL. */
export type ModuleGraph = Map<string, Import[]>;

interface DenoInfo {
  modules: {
    specifier: string;
    dependencies?: { specifier: string; code?: { specifier?: string }; type?: { specifier?: string } }[];
  }[];
}

/** The files that deno.json exports, relative to the project's root. */
export const ENTRY_POINTS: string[] = Object.values(config.exports).map((path) => path.replace("./", ""));

function relative(url: string): string {
  return url.startsWith(ROOT.href) ? url.slice(ROOT.href.length) : url;
}

/** All that some files import, directly or not, for their code or their types. */
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

// The sources of the core, in which mutants find the functions and classes that they change by their names alone.

import { Lang, parse, type SgNode } from "@ast-grep/napi";
import type { Match, Mutant, Seam } from "./mutant.ts";

/** Folders of `src` that are no part of the core. */
const NOT_CORE = ["testing", "simulator"];

interface Source {
  readonly path: string;
  readonly text: string;
  readonly root: SgNode;
}

/** A function, or a member of a class. */
interface Declaration {
  readonly source: Source;
  readonly node: SgNode;
}

/** Files by their paths below the project's root. */
export type Files = ReadonlyMap<string, string>;

/** The core of a copy of the project. */
export class Core {
  /** By their names: `decide`, `Claim.renew`, and of private members `Loop.#wake` and `#wake`. */
  readonly #declarations: ReadonlyMap<string, readonly Declaration[]>;

  private constructor(sources: readonly Source[]) {
    const declarations = new Map<string, Declaration[]>();
    for (const source of sources) {
      for (const [name, node] of declarationsIn(source.root)) {
        declarations.set(name, [...declarations.get(name) ?? [], { source, node }]);
      }
    }
    this.#declarations = declarations;
  }

  /** Reads the core. */
  static read(folder: URL): Core {
    const paths = [...sourcePaths(new URL("src/", folder), "src")].sort();
    return Core.of(new Map(paths.map((path) => [path, Deno.readTextFileSync(new URL(path, folder))])));
  }

  /** The core of some files. */
  static of(files: Files): Core {
    return new Core([...files].map(([path, text]) => ({ path, text, root: parse(Lang.TypeScript, text).root() })));
  }

  /**
   * The files that a mutant changes or adds.
   *
   * @throws {Error} If it does not fit, with its name.
   */
  mutate({ name, change }: Mutant): Files {
    try {
      return change.kind === "match" ? this.#replaced(change) : this.#wrapped(change);
    } catch (error) {
      throw new Error(`Cannot make the mutant "${name}" as ${(error as Error).message}`);
    }
  }

  /** The path of the file that a mutant changes. */
  pathOf({ change }: Mutant): string {
    return this.#find(change.of).source.path;
  }

  #replaced({ of, pattern, replacement }: Match): Files {
    const { source: { path, text }, node } = this.#find(of);
    const matches = node.findAll(pattern);
    const [match] = matches;
    if (!match || matches.length > 1) {
      throw new Error(`its pattern must match once in ${of} of ${path}: current value is ${matches.length}`);
    }
    const { start, end } = match.range();
    const filled = fill(replacement, match, text);
    if (filled === match.text()) throw new Error(`it replaces a text by itself: current value is ${filled}`);
    return new Map([[path, text.slice(0, start.index) + filled + text.slice(end.index)]]);
  }

  #wrapped(seam: Seam): Files {
    const { source: { path, text }, node } = this.#find(seam.of);
    const [exported = "", member] = seam.of.split(".");
    const isGetter = /^(override )?get\s/.test(node.text());
    if (isGetter !== (seam.kind === "getter") || (member === undefined) !== (seam.kind === "function")) {
      throw new Error(`${seam.of} must be a ${seam.kind}: current value is ${node.kind()}`);
    }
    const declaration = member === undefined
      ? node
      : node.ancestors().find((one) => one.kind() === "class_declaration");
    if (declaration?.parent()?.kind() !== "export_statement") {
      throw new Error(`${exported} must be exported: current value is ${declaration?.parent()?.kind()}`);
    }
    const originalPath = path.replace(/(?=[^/]+$)/, "original_");
    const specifier = `./${originalPath.split("/").at(-1)}`;
    return new Map([[originalPath, text], [path, wrapperOf(seam, specifier, exported, member)]]);
  }

  #find(of: string): Declaration {
    const [declaration, ...others] = this.#declarations.get(of) ?? [];
    if (!declaration || others.length > 0) {
      const count = declaration ? 1 + others.length : 0;
      throw new Error(`the core must declare ${of} once: current value is ${count}`);
    }
    return declaration;
  }
}

function* sourcePaths(folder: URL, path: string): Generator<string> {
  for (const { name, isDirectory } of Deno.readDirSync(folder)) {
    if (!isDirectory) yield `${path}/${name}`;
    else if (!NOT_CORE.includes(name)) yield* sourcePaths(new URL(`${name}/`, folder), `${path}/${name}`);
  }
}

/** The functions and the members of classes in a file, by the names under which mutants find them. */
function* declarationsIn(root: SgNode): Generator<[name: string, node: SgNode]> {
  for (const node of root.findAll({ rule: { kind: "function_declaration" } })) yield [nameOf(node), node];
  for (const owner of root.findAll({ rule: { kind: "class_declaration" } })) {
    for (const node of owner.findAll({ rule: { kind: "method_definition" } })) {
      const member = nameOf(node);
      yield [`${nameOf(owner)}.${member}`, node];
      if (member.startsWith("#")) yield [member, node];
    }
  }
}

function nameOf(node: SgNode): string {
  return node.field("name")?.text() ?? "";
}

/** The replacement with the nodes that the pattern has found, as the source writes them. */
function fill(replacement: string, match: SgNode, text: string): string {
  return replacement.replace(/\$(\$\$)?([A-Z]+)/g, (_, isMany: string | undefined, variable: string) => {
    const one = match.getMatch(variable);
    const nodes = isMany ? match.getMultipleMatches(variable) : one ? [one] : [];
    const [first, last] = [nodes.at(0), nodes.at(-1)];
    if (first && last) return text.slice(first.range().start.index, last.range().end.index);
    if (isMany) return "";
    throw new Error(`its pattern has no such node: current value is $${variable}`);
  });
}

/** The module that stands in for the original. Its types are checked where the mutant is declared. */
function wrapperOf({ kind, code }: Seam, specifier: string, exported: string, member: string | undefined): string {
  const start = `// @ts-nocheck types are checked where the mutant is declared
import * as original from "${specifier}";
export * from "${specifier}";
`;
  const prototype = `original.${exported}.prototype`;
  switch (kind) {
    case "function":
      // hoisted, as modules may import each other
      return `${start}export function ${exported}(...args) { return (${code})(original.${exported}, ...args); }\n`;
    case "method":
      return `${start}const { ${member}: method } = ${prototype};
${prototype}.${member} = function (...args) { return (${code})(this, method.bind(this), ...args); };\n`;
    case "getter":
      return `${start}const { get } = Object.getOwnPropertyDescriptor(${prototype}, "${member}");
Object.defineProperty(${prototype}, "${member}", { get() { return (${code})(this, () => get.call(this)); } });\n`;
  }
}

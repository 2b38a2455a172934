/** A page of the documentation. */
export interface Page {
  /** Relative to the project's root. */
  readonly path: string;
  readonly text: string;
}

/** A code block of a page. */
export interface CodeBlock {
  /** The words after the fence: the language, and attributes such as `no-run`. */
  readonly info: readonly string[];
  readonly code: string;
  /** The line of the opening fence, from 1 on. */
  readonly line: number;
}

const FENCE = /^ *```(.*)$/;

/** Separates the lines of a page that are text from its code blocks. */
function parse(text: string): { prose: string[]; blocks: CodeBlock[] } {
  const prose: string[] = [];
  const blocks: CodeBlock[] = [];
  let open: { info: string[]; code: string[]; line: number } | undefined;
  for (const [index, line] of text.split("\n").entries()) {
    const fence = FENCE.exec(line);
    if (open && fence) {
      blocks.push({ ...open, code: open.code.join("\n") });
      open = undefined;
    } else if (open) open.code.push(line);
    else if (fence) open = { info: (fence[1] ?? "").split(/\s+/).filter(Boolean), code: [], line: index + 1 };
    // keeps the numbers of the lines
    prose.push(open || fence ? "" : line);
  }
  return { prose, blocks };
}

/** Finds the code blocks of a page. */
export function codeBlocks(text: string): CodeBlock[] {
  return parse(text).blocks;
}

/** Returns the text of a page, line by line, without code. */
export function proseLines(text: string): string[] {
  return parse(text).prose.map((line) => line.replace(/`[^`]*`/g, ""));
}

/** Returns the ids that GitHub gives to the headings of a page. */
export function headingIds(text: string): Set<string> {
  const found = new Set<string>();
  for (const line of parse(text).prose) {
    const [, heading] = /^#{1,6} +(.*?) *#*$/.exec(line) ?? [];
    if (heading === undefined) continue;
    const plain = heading.replace(/\[([^\]]*)\]\([^)]*\)/g, "$1").toLowerCase();
    const slug = plain.replace(/[^\p{L}\p{N}\p{M}_ -]/gu, "").replaceAll(" ", "-");
    let id = slug;
    for (let count = 1; found.has(id); count++) id = `${slug}-${count}`;
    found.add(id);
  }
  return found;
}

/** A link of a page to a file of the project or to a heading. */
export interface Link {
  readonly target: string;
  readonly line: number;
}

/** Finds the links and images of a page that stay within the project. */
export function localLinks(text: string): Link[] {
  return proseLines(text).flatMap((line, index) => {
    const inline = line.matchAll(/\]\(<?([^)\s>]+)>?(?: "[^"]*")?\)/g);
    const references = line.matchAll(/^ *\[[^\]]+\]: +(\S+)/g);
    return [...inline, ...references]
      .map(([, target = ""]) => ({ target, line: index + 1 }))
      .filter(({ target }) => !/^[a-z][a-z+.-]*:/i.test(target));
  });
}

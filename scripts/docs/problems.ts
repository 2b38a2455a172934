import { codeBlocks, headingIds, localLinks, type Page } from "./markdown.ts";

/** What pages may refer to. */
export interface Project {
  /** Whether there is a file or folder at a path relative to the root. */
  exists(path: string): boolean;
  /** The tasks of deno.json. */
  readonly tasks: readonly string[];
}

const ROOT = "file:///project/";

/** The path that a link leads to, relative to the root, and its fragment. */
function resolve(page: Page, target: string): { path: string; fragment: string } {
  const { pathname, hash } = new URL(target, `${ROOT}${page.path}`);
  const root = new URL(ROOT).pathname;
  const path = pathname.startsWith(root) ? pathname.slice(root.length) : `..${pathname}`;
  return { path: decodeURIComponent(path), fragment: decodeURIComponent(hash.slice(1)) };
}

/** Finds links to files and headings that do not exist. */
export function deadLinks(pages: readonly Page[], project: Project): string[] {
  const headingsOf = new Map(pages.map(({ path, text }) => [path, headingIds(text)]));
  return pages.flatMap((page) =>
    localLinks(page.text).flatMap(({ target, line }) => {
      const { path, fragment } = resolve(page, target);
      if (!project.exists(path)) return [`${page.path}:${line}: no file ${path}`];
      // fragments of other files, such as line numbers of sources, are not checked
      const known = headingsOf.get(path);
      if (fragment !== "" && known && !known.has(fragment)) {
        return [`${page.path}:${line}: no heading #${fragment} in ${path}`];
      }
      return [];
    })
  );
}

/** Finds pages below a folder that no chain of links leads to. */
export function unlinkedPages(pages: readonly Page[], start: string, folder: string): string[] {
  const reached = new Set<string>();
  const visit = (path: string): void => {
    const page = pages.find((page) => page.path === path);
    if (!page || reached.has(path)) return;
    reached.add(path);
    for (const { target } of localLinks(page.text)) visit(resolve(page, target).path);
  };
  visit(start);
  return pages
    .filter(({ path }) => path.startsWith(folder) && !reached.has(path))
    .map(({ path }) => `${path}: no link leads here from ${start}`);
}

/** Finds commands that name a task which deno.json does not have. */
export function unknownTasks(pages: readonly Page[], project: Project): string[] {
  return pages.flatMap(({ path, text }) =>
    text.split("\n").flatMap((line, index) =>
      [...line.matchAll(/deno(?:@\d+)? task ([a-z][\w:]*)/g)]
        .map(([, task = ""]) => task)
        .filter((task) => !project.tasks.includes(task))
        .map((task) => `${path}:${index + 1}: no task ${task} in deno.json`)
    )
  );
}

/** Finds a page that is longer than it may be. */
export function longPage({ path, text }: Page, maxLines: number): string[] {
  const lines = text.trimEnd().split("\n").length;
  return lines > maxLines ? [`${path}: ${lines} lines; ${maxLines} are allowed`] : [];
}

/** Finds JSON examples that cannot be parsed. */
export function brokenJson(pages: readonly Page[]): string[] {
  return pages.flatMap(({ path, text }) =>
    codeBlocks(text).filter(({ info }) => info[0] === "json").flatMap(({ code, line }) => {
      try {
        JSON.parse(code);
        return [];
      } catch (error) {
        return [`${path}:${line}: ${error instanceof Error ? error.message : error}`];
      }
    })
  );
}

/**
 * Marks the examples that are only type-checked, so that `deno test --doc` ignores them. All lines keep their numbers.
 *
 * @returns The page, and how many examples of it are run.
 */
export function runnable({ path, text }: Page): { page: Page; count: number } {
  const lines = text.split("\n");
  let count = 0;
  for (const { info, line } of codeBlocks(text)) {
    if (info[0] !== "ts") lines[line - 1] = "```text";
    else if (info.includes("no-run")) lines[line - 1] = "```ts ignore";
    else count++;
  }
  return { page: { path, text: lines.join("\n") }, count };
}

/** Finds examples that nothing checks: languages that `deno check` skips without a word, and the attribute `ignore`. */
export function uncheckedExamples(pages: readonly Page[]): string[] {
  return pages.flatMap(({ path, text }) =>
    codeBlocks(text)
      .filter(({ info: [language = "", ...attributes] }) =>
        ["typescript", "tsx", "javascript", "mts"].includes(language) ||
        language === "ts" && attributes.some((attribute) => attribute !== "no-run")
      )
      .map(({ info, line }) => `${path}:${line}: examples begin with "ts" or "ts no-run", not with "${info.join(" ")}"`)
  );
}

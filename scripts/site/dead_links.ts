/**
 * Links of a built site that lead nowhere.
 *
 * @module
 */

/** A page of a built site. */
export interface BuiltPage {
  /** The path from the root of the site, without a slash at the start. */
  readonly path: string;
  readonly html: string;
}

/**
 * Finds links of the site to files and headings that do not exist.
 *
 * @param pages The pages.
 * @param files The paths of all files, the pages included.
 * @param base The path at which the site is served, with a slash at both ends.
 */
export function deadSiteLinks(pages: readonly BuiltPage[], files: ReadonlySet<string>, base: string): string[] {
  const idsOf = new Map(pages.map(({ path, html }) => [path, ids(html)]));
  const origin = "https://site.invalid";
  return pages.flatMap(({ path, html }) => {
    const from = new URL(base + path, origin);
    return [...html.matchAll(/<(?:a|img|link|script)\b[^>]*?\s(?:href|src)="([^"]*)"/g)].flatMap(([, target = ""]) => {
      const url = new URL(unescaped(target), from);
      if (url.origin !== origin) return [];
      const found = fileOf(decodeURIComponent(url.pathname), files, base);
      if (found === undefined) return [`${path}: no file for ${target}`];
      const fragment = decodeURIComponent(url.hash.slice(1));
      const known = idsOf.get(found);
      // deno doc links to headings of type parameters that it does not make
      return fragment === "" || fragment.startsWith("type_param_") || !known || known.has(fragment)
        ? []
        : [`${path}: no heading for ${target}`];
    });
  });
}

/** Returns the file that a server of static files answers with. */
function fileOf(pathname: string, files: ReadonlySet<string>, base: string): string | undefined {
  if (!pathname.startsWith(base)) return undefined;
  const path = pathname.slice(base.length);
  return [path, `${path}index.html`, `${path}.html`, `${path}/index.html`].find((path) => files.has(path));
}

const ENTITIES: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"' };

/** Decodes the entities of an attribute. */
function unescaped(text: string): string {
  return text.replace(/&(?:#x([0-9a-f]+)|#(\d+)|(\w+));/gi, (entity, hex, decimal, name) => {
    if (name !== undefined) return ENTITIES[name] ?? entity;
    return String.fromCodePoint(hex === undefined ? Number(decimal) : parseInt(hex, 16));
  });
}

function ids(html: string): Set<string> {
  return new Set([...html.matchAll(/\s(?:id|name)="([^"]*)"/g)].map(([, id = ""]) => unescaped(id)));
}

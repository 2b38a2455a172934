/**
 * How a page of the project becomes one of the site.
 *
 * @module
 */
import { dirname } from "node:path/posix";
import { sitePath } from "./navigation.ts";

/** What links can lead to. */
export interface SiteFiles {
  /** The paths of the pages, relative to the project's root. */
  readonly pages: ReadonlySet<string>;
  /** The paths of the pictures. */
  readonly pictures: ReadonlySet<string>;
  /** Where the other files can be read; without a slash at the end. */
  readonly sourceUrl: string;
}

/** A link or a picture: inline, by reference, or of HTML. */
const LINK = /(\]\(|^ *\[[^\]]+\]: +|\s(?:src|srcset|href)=")([^)\s"]+)/gm;

const CODE = /(^ *```[\s\S]*?^ *```$|`[^`\n]*`)/gm;

/**
 * Returns a page with links that work on the site: those to other pages stay, those to sources lead to the repository.
 *
 * @param path The path of the page, relative to the project's root.
 * @param text The page.
 */
export function sitePage(path: string, text: string, files: SiteFiles): string {
  return text.split(CODE)
    // the odd parts are code
    .map((part, index) =>
      index % 2 === 1 ? part : part.replace(LINK, (_, before, target) => before + siteLink(path, target, files))
    )
    .join("");
}

function siteLink(from: string, target: string, { pages, pictures, sourceUrl }: SiteFiles): string {
  if (/^[a-z][a-z+.-]*:|^#/i.test(target)) return target;
  const { pathname, hash } = new URL(target, `file:///${from}`);
  const path = pathname.slice(1).replace(/\/$/, "");
  const page = [path, `${path}/README.md`].find((path) => pages.has(path));
  if (page !== undefined) return `${relative(from, sitePath(page))}${hash}`;
  return pictures.has(path) ? relative(from, path) : `${sourceUrl}/${path}${hash}`;
}

/** Returns a relative path that begins with `./` or `../`. */
function relative(from: string, to: string): string {
  const folder = dirname(from);
  const up = folder === "." ? "./" : "../".repeat(folder.split("/").length);
  return `${up}${to}`;
}

/** Returns the title of a page: its first heading. */
export function titleOf(text: string): string {
  return /^# +(.+)$/m.exec(text)?.[1] ?? "";
}

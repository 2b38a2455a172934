/**
 * The order of the pages of the documentation site.
 *
 * @module
 */

/** A group of pages in the sidebar. */
export interface NavigationGroup {
  readonly title: string;
  /** The paths of the pages, relative to the project's root. A path that ends with a slash stands for the other pages of the folder. */
  readonly pages: readonly string[];
}

/** The sidebar. */
export const NAVIGATION: readonly NavigationGroup[] = [
  {
    title: "Start",
    pages: ["README.md", "docs/options.md", "docs/api.md", "docs/scheduling.md", "docs/guarantees.md"],
  },
  { title: "Stores", pages: ["docs/stores/README.md", "docs/stores/"] },
  {
    title: "In production",
    pages: [
      "docs/shutdown.md",
      "docs/monitoring.md",
      "docs/logging.md",
      "docs/health.md",
      "docs/opentelemetry.md",
      "docs/dashboard.md",
      "docs/cli.md",
      "docs/control.md",
    ],
  },
  { title: "Frameworks", pages: ["docs/frameworks/README.md", "docs/frameworks/"] },
  { title: "Tests", pages: ["docs/testing.md", "docs/simulator.md"] },
  { title: "More", pages: ["docs/npm.md", "docs/", "bench/RESULTS.md"] },
  { title: "Project", pages: ["CHANGELOG.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md"] },
];

/** A link of the sidebar. */
export interface NavigationLink {
  readonly text: string;
  readonly link: string;
}

/** A group of links of the sidebar. */
export interface NavigationItems {
  readonly text: string;
  readonly items: readonly NavigationLink[];
}

/**
 * Returns the sidebar.
 *
 * @param groups The groups, in order.
 * @param titles The title of each page, by its path. Each page is listed once.
 * @throws {Error} If a group names a page that does not exist, or a page is in no group.
 */
export function sidebarOf(groups: readonly NavigationGroup[], titles: ReadonlyMap<string, string>): NavigationItems[] {
  const named = new Set(groups.flatMap(({ pages }) => pages));
  const left = new Set(titles.keys());
  const sidebar = groups.map(({ title, pages }) => ({
    text: title,
    items: pages.flatMap((path) => path.endsWith("/") ? othersOf(path, titles, named) : [path]).map((path) => {
      const text = titles.get(path);
      if (text === undefined) {
        throw new Error(`Cannot build the site as a group names no page: current value is ${path}`);
      }
      left.delete(path);
      return { text, link: `/${sitePath(path)}` };
    }),
  }));
  if (left.size > 0) {
    throw new Error(`Cannot build the site as a page is in no group: current value is ${[...left].join(", ")}`);
  }
  return sidebar;
}

/** Returns the pages directly in a folder that no group names. */
function othersOf(folder: string, titles: ReadonlyMap<string, string>, named: ReadonlySet<string>): string[] {
  return [...titles.keys()].filter((path) => path.replace(/[^/]*$/, "") === folder && !named.has(path)).sort();
}

/** Returns the path of a page on the site. The page of a folder is its index. */
export function sitePath(path: string): string {
  return path.replace(/(^|\/)README\.md$/, "$1index.md");
}

import { assertEquals, assertThrows } from "@std/assert";
import { deadSiteLinks } from "./dead_links.ts";
import { sidebarOf, sitePath } from "./navigation.ts";
import { sitePage, titleOf } from "./site_page.ts";

const FILES = {
  pages: new Set(["README.md", "docs/a.md", "docs/stores/README.md", "docs/stores/b.md"]),
  pictures: new Set(["docs/images/c.png"]),
  sourceUrl: "https://example.com/blob/main",
};

/** A page, the text of a link, and the text on the site. */
const LINKS: readonly [page: string, text: string, expected: string][] = [
  ["README.md", "[a](docs/a.md)", "[a](./docs/a.md)"],
  ["README.md", "[stores](docs/stores)", "[stores](./docs/stores/index.md)"],
  ["docs/a.md", "[b](stores/b.md#heading)", "[b](../docs/stores/b.md#heading)"],
  ["docs/stores/b.md", "[up](../../README.md) [a](../a.md)", "[up](../../index.md) [a](../../docs/a.md)"],
  ["docs/a.md", '<img src="images/c.png">', '<img src="../docs/images/c.png">'],
  ["docs/a.md", "[source](../src/log.ts#L3)", "[source](https://example.com/blob/main/src/log.ts#L3)"],
  ["docs/a.md", "[out](https://example.org/a.md) [here](#b)", "[out](https://example.org/a.md) [here](#b)"],
  ["docs/a.md", "`[a](a.md)`", "`[a](a.md)`"],
  ["docs/a.md", "```md\n[a](a.md)\n```", "```md\n[a](a.md)\n```"],
];

for (const [page, text, expected] of LINKS) {
  Deno.test(`sitePage() in ${page}: ${JSON.stringify(text)}`, () =>
    assertEquals(sitePage(page, text, FILES), expected));
}

Deno.test("titleOf() is the first heading", () => assertEquals(titleOf("\n# One\n\n# Two\n"), "One"));

Deno.test("sitePath() makes the page of a folder its index", () => {
  assertEquals(["README.md", "docs/stores/README.md", "docs/a.md"].map(sitePath), [
    "index.md",
    "docs/stores/index.md",
    "docs/a.md",
  ]);
});

Deno.test("sidebarOf() lists named pages, and the other ones of a folder by their paths", () => {
  const titles = new Map([["docs/b.md", "B"], ["docs/c.md", "C"], ["docs/a.md", "A"]]);
  assertEquals(sidebarOf([{ title: "All", pages: ["docs/c.md", "docs/"] }], titles), [
    {
      text: "All",
      items: [
        { text: "C", link: "/docs/c.md" },
        { text: "A", link: "/docs/a.md" },
        { text: "B", link: "/docs/b.md" },
      ],
    },
  ]);
});

Deno.test("sidebarOf() refuses a page that does not exist, and a page in no group", () => {
  assertThrows(() => sidebarOf([{ title: "All", pages: ["a.md"] }], new Map()), Error, "current value is a.md");
  assertThrows(() => sidebarOf([], new Map([["a.md", "A"]])), Error, "current value is a.md");
});

Deno.test("deadSiteLinks() finds missing files and headings, at the path where the site is served", () => {
  const pages = [
    { path: "index.html", html: '<a href="/base/docs/a.html#one">1</a><a class="x" href="/docs/a.html">2</a>' },
    { path: "docs/a.html", html: '<h2 id="one"></h2><a href="../#two">3</a><a href="b.html">4</a><img src="c.png">' },
    { path: "docs/d.html", html: '<a href="https://example.org/none">5</a><a href="..&#x2F;docs&#47;a">6</a>' },
  ];
  const files = new Set(["index.html", "docs/a.html", "docs/c.png", "docs/d.html"]);
  assertEquals(deadSiteLinks(pages, files, "/base/"), [
    "index.html: no file for /docs/a.html",
    "docs/a.html: no heading for ../#two",
    "docs/a.html: no file for b.html",
  ]);
});

// The settings of VitePress. scripts/site.ts copies this file beside the pages, and writes site.json.
import { readFileSync } from "node:fs";

const { base, description, sidebar, sourceUrl } = JSON.parse(
  readFileSync(new URL("site.json", import.meta.url), "utf8"),
);

/** The ids that GitHub gives to headings, as the links of the pages expect them. */
function slugify(heading) {
  return heading.trim().toLowerCase().replace(/[^\p{L}\p{N}\p{M}_ -]/gu, "").replaceAll(" ", "-");
}

export default {
  base,
  title: "periodic-task",
  description,
  lang: "en",
  cleanUrls: false,
  markdown: { anchor: { slugify }, toc: { slugify } },
  themeConfig: {
    nav: [
      { text: "Stores", link: "/docs/stores/index.md" },
      // made by deno doc, beside VitePress's pages
      { text: "Reference", link: `${base}reference/index.html`, target: "_self" },
      { text: "Changelog", link: "/CHANGELOG.md" },
    ],
    sidebar,
    outline: [2, 3],
    search: { provider: "local" },
    socialLinks: [{ icon: "github", link: sourceUrl }],
  },
};

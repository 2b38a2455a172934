import { assertEquals } from "@std/assert";
import type { Page } from "./markdown.ts";
import {
  brokenJson,
  deadLinks,
  longPage,
  type Project,
  runnable,
  uncheckedExamples,
  unknownTasks,
  unlinkedPages,
} from "./problems.ts";

const project: Project = {
  exists: (path) => ["README.md", "docs/", "docs/a.md", "docs/sub/b.md", "src/mod.ts"].includes(path),
  tasks: ["test", "test:npm"],
};

function page(path: string, ...lines: string[]): Page {
  return { path, text: lines.join("\n") };
}

Deno.test("deadLinks() finds files and headings that do not exist", () => {
  const pages = [
    page("README.md", "# Top", "[a](docs/a.md#part) [top](#top) [folder](docs/) [code](src/mod.ts#L3)"),
    page(
      "docs/a.md",
      "# Part",
      "[up](../README.md#top) [b](sub/b.md)",
      "[none](none.md) [none](../README.md#none) [x](#x)",
    ),
    page("docs/sub/b.md", "[a](../a.md#part) [up](../../../README.md)"),
  ];
  assertEquals(deadLinks(pages, project), [
    "docs/a.md:3: no file docs/none.md",
    "docs/a.md:3: no heading #none in README.md",
    "docs/a.md:3: no heading #x in docs/a.md",
    "docs/sub/b.md:1: no file ../README.md",
  ]);
});

Deno.test("unlinkedPages() finds pages that no chain of links leads to", () => {
  const pages = [
    page("README.md", "[a](docs/a.md)"),
    page("docs/a.md", "[b](sub/b.md) [up](../README.md)"),
    page("docs/sub/b.md", ""),
    page("docs/c.md", "[a](a.md)"),
    page("SECURITY.md", ""),
  ];
  assertEquals(unlinkedPages(pages, "README.md", "docs/"), ["docs/c.md: no link leads here from README.md"]);
});

Deno.test("unknownTasks() finds commands of tasks that deno.json does not have", () => {
  const text = page("a.md", "`deno task test`", "npx -y deno@2 task test:npm; deno task none:such --x");
  assertEquals(unknownTasks([text], project), ["a.md:2: no task none:such in deno.json"]);
});

Deno.test("longPage() finds a page with more lines than allowed", () => {
  const readme = page("README.md", "1", "2", "3", "");
  assertEquals([longPage(readme, 3), longPage(readme, 2)], [[], ["README.md: 3 lines; 2 are allowed"]]);
});

Deno.test("brokenJson() finds JSON that cannot be parsed", () => {
  const pages = [page("a.md", "```json", "{}", "```"), page("b.md", "", "```json", "{", "```")];
  assertEquals(brokenJson(pages).map((problem) => problem.split(":").slice(0, 2)), [["b.md", "2"]]);
});

Deno.test("uncheckedExamples() finds examples that no check sees", () => {
  const blocks = ["ts", "ts no-run", "js", "sh", "json", "ts ignore", "typescript", "tsx"];
  const text = page("a.md", ...blocks.flatMap((info) => [`\`\`\`${info}`, "```"]));
  assertEquals(uncheckedExamples([text]).map((problem) => /"([^"]*)"$/.exec(problem)?.[1]), [
    "ts ignore",
    "typescript",
    "tsx",
  ]);
});

Deno.test("runnable() leaves the examples that run, each on its line", () => {
  const { page: copy, count } = runnable(
    page("a.md", "```ts", "1;", "```", "```ts no-run", "2;", "```", "```js", "```"),
  );
  assertEquals(copy.text.split("\n"), ["```ts", "1;", "```", "```ts ignore", "2;", "```", "```text", "```"]);
  assertEquals(count, 1);
});

import { assertEquals } from "@std/assert";
import { codeBlocks, headingIds, localLinks } from "./markdown.ts";

const PAGE = `# A \`b\` & c: d_e

See [one](one.md#x "title"), [two](<two.md>), ![three](three.svg) and [four][4]; not [five](https://example.com),
[six](mailto:a@example.com) or \`[seven](seven.md)\`.

## Twice

\`\`\`ts no-run
// # no heading, and no [link](eight.md)
const x = 1;
\`\`\`

## Twice ##

[4]: four.md
`;

Deno.test("headingIds() names headings as GitHub does", () => {
  assertEquals([...headingIds(PAGE)], ["a-b--c-d_e", "twice", "twice-1"]);
  assertEquals([...headingIds("## Ünder [a link](x.md)?\n#no heading")], ["ünder-a-link"]);
});

Deno.test("localLinks() finds links and images outside of code that stay within the project", () => {
  assertEquals(localLinks(PAGE), [
    { target: "one.md#x", line: 3 },
    { target: "two.md", line: 3 },
    { target: "three.svg", line: 3 },
    { target: "four.md", line: 15 },
  ]);
});

Deno.test("codeBlocks() returns the language, the attributes and the code", () => {
  const code = "// # no heading, and no [link](eight.md)\nconst x = 1;";
  assertEquals(codeBlocks(PAGE), [{ info: ["ts", "no-run"], code, line: 8 }]);
});

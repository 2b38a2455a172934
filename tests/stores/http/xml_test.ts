import { assertEquals } from "@std/assert";
import { childOf, parseXml, textOfChild } from "../../../stores/http/xml.ts";

Deno.test("parseXml() returns elements with their text and children, without attributes", () => {
  const document = `<?xml version="1.0" encoding="UTF-8"?>
    <!-- a comment -->
    <Result xmlns="http://s3.amazonaws.com/doc/2006-03-01/" a='b > c'>
      <Name>one</Name><Empty/><Empty />
      <Name >two</Name >
    </Result>
    <!-- the end -->`;
  const root = parseXml(`\uFEFF${document}`);
  assertEquals(root?.name, "Result");
  assertEquals(root?.text.trim(), "");
  assertEquals(root?.children.map(({ name, text }) => [name, text]), [
    ["Name", "one"],
    ["Empty", ""],
    ["Empty", ""],
    ["Name", "two"],
  ]);
});

Deno.test("parseXml() decodes entities once, and keeps CDATA as it is", () => {
  const decoded: Readonly<Record<string, string>> = {
    "&lt;&gt;&amp;&apos;&quot;": "<>&'\"",
    "&amp;lt;": "&lt;",
    "&#65;&#x42;&#X43;&#x1F600;": "ABC\u{1f600}",
    "a<![CDATA[<b>&amp;]]>c": "a<b>&amp;c",
    "a<!-- no text -->b": "ab",
    "日本 ü": "日本 ü",
    "a > b ]": "a > b ]",
    " a\n ": " a\n ",
  };
  for (const [text, expected] of Object.entries(decoded)) {
    assertEquals(parseXml(`<a>${text}</a>`)?.text, expected, text);
  }
});

for (
  const document of [
    "",
    "text",
    "<a>",
    "</a>",
    "<a></b>",
    "<a><b></a></b>",
    "<a/><b/>",
    "<a/>text",
    "text<a/>",
    "<a",
    "<a b></a>",
    "<a b=c></a>",
    '<a b="<"></a>',
    "</a/>",
    "<1/>",
    "<a>&unknown;</a>",
    "<a>&amp</a>",
    "<a>& </a>",
    "<a>&#0;</a>",
    "<a>&#xD800;</a>",
    "<a>&#x110000;</a>",
    "<a>&#x;</a>",
    "<a>&toString;</a>",
    '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
    "<!DOCTYPE a><a/>",
    "<a><![CDATA[b</a>",
    "<!-- a -- b --><a/>",
    `${"<a>".repeat(30)}${"</a>".repeat(30)}`,
    "{}",
  ]
) {
  Deno.test(`parseXml() returns undefined for ${JSON.stringify(document.slice(0, 50))}`, () => {
    assertEquals(parseXml(document), undefined);
  });
}

Deno.test("parseXml() takes time in proportion to the length of a document", () => {
  for (const part of ["<", "<a", "<a b='", "<!--", "<a>", "&", "<a/>", "<![CDATA[", "<a b='c' "]) {
    const start = performance.now();
    parseXml(part.repeat(100_000));
    const tookMs = performance.now() - start;
    assertEquals(tookMs < 2_000, true, `${part} took ${tookMs} ms`);
  }
});

Deno.test("childOf() and textOfChild() find the first child of a name", () => {
  const root = parseXml("<a><b>1</b><b>2</b><c><d>3</d></c><e/></a>");
  assertEquals(textOfChild(root, "b"), "1");
  assertEquals(textOfChild(childOf(root, "c"), "d"), "3");
  assertEquals([textOfChild(root, "e"), textOfChild(root, "f"), childOf(undefined, "b")], [
    undefined,
    undefined,
    undefined,
  ]);
});

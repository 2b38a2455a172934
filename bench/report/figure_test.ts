import { assertEquals } from "@std/assert";
import { axisFigures, columnCells, figure } from "./figure.ts";
import { markdownList, markdownTable } from "./markdown.ts";

Deno.test("figure() shows whole numbers in full, others with three significant digits", () => {
  assertEquals([0, 7, 1_234_567, -12_345].map(figure), ["0", "7", "1,234,567", "-12,345"]);
  assertEquals([12_345.6, 345.6, 83.21, 1.0004, 9.999].map(figure), ["12,300", "346", "83.2", "1.00", "10.0"]);
  assertEquals([0.12345, 0.00009876, -0.5].map(figure), ["0.123", "0.0000988", "-0.500"]);
  assertEquals([NaN, Infinity].map(figure), ["-", "-"]);
});

Deno.test("columnCells() shows small whole numbers other than 0 with decimals among fractions", () => {
  assertEquals(columnCells([1, 0.4539, 12, 0, 103, 12_345, "-"]), ["1.00", "0.454", "12.0", "0", "103", "12,345", "-"]);
  assertEquals(columnCells([1, 12, "1.5"]), ["1", "12", "1.5"]);
});

Deno.test("axisFigures() shortens large numbers, and all thousands alike", () => {
  assertEquals(axisFigures([0, 0.05, 500, 5_000]), ["0", "0.05", "500", "5,000"]);
  assertEquals(axisFigures([-2_000, 0, 500, 1_500, 10_000]), ["-2k", "0", "500", "1.5k", "10k"]);
  assertEquals(axisFigures([1_000, 2_500_000, 3e9]), ["1k", "2.5M", "3G"]);
});

Deno.test("markdownTable() aligns columns of figures to the right, others to the left", () => {
  const rows = [["this package", 345, "-", "yes"], ["croner", 83_012, "1.5 x", "-"], ["cron", "-", "~2 x", "no"]];
  assertEquals(markdownTable(["", "heap, B", "of the floor", "overlaps"], rows).split("\n"), [
    "|              | heap, B | of the floor | overlaps |",
    "| ------------ | ------: | -----------: | -------- |",
    "| this package |     345 |            - | yes      |",
    "| croner       |  83,012 |        1.5 x | -        |",
    "| cron         |       - |         ~2 x | no       |",
  ]);
});

Deno.test("markdownTable() fills short rows up", () => {
  assertEquals(markdownTable(["", "a"], [["x"]]).split("\n").at(-1), "| x   |     |");
});

Deno.test("markdownTable() and markdownList() escape markup and line breaks", () => {
  assertEquals(markdownTable(["", "a"], [["x|y\nz", "<b>1</b>"]]).split("\n").at(-1), "| x\\|y z | &lt;b>1&lt;/b> |");
  assertEquals(markdownList(["one\n two", "`a<b>` and <c>, 1 < 2"]), "- one two\n- `a<b>` and &lt;c>, 1 < 2");
});

/**
 * Numbers and tables of the benchmarks' page.
 */
import { assertEquals } from "@std/assert";
import { axisFigures, columnCells, figure } from "../../scripts/bench/results/figure.ts";
import { markdownList, markdownTable } from "../../scripts/bench/results/markdown.ts";

Deno.test("a whole number is shown in full, any other with three significant digits", () => {
  assertEquals([0, 7, 1_234_567, -12_345].map(figure), ["0", "7", "1,234,567", "-12,345"]);
  assertEquals([12_345.6, 345.6, 83.21, 1.0004, 9.999].map(figure), ["12,300", "346", "83.2", "1.00", "10.0"]);
  assertEquals([0.12345, 0.00009876, -0.5].map(figure), ["0.123", "0.0000988", "-0.500"]);
  assertEquals([NaN, Infinity].map(figure), ["-", "-"]);
});

Deno.test("among fractions a column shows small whole numbers with as many digits, but none in place of nothing", () => {
  assertEquals(columnCells([1, 0.4539, 12, 0, 103, 12_345, "-"]), ["1.00", "0.454", "12.0", "0", "103", "12,345", "-"]);
  assertEquals(columnCells([1, 12, "1.5"]), ["1", "12", "1.5"]);
});

Deno.test("an axis shows large numbers in little room, and all thousands in one way", () => {
  assertEquals(axisFigures([0, 0.05, 500, 5_000]), ["0", "0.05", "500", "5,000"]);
  assertEquals(axisFigures([-2_000, 0, 500, 1_500, 10_000]), ["-2k", "0", "500", "1.5k", "10k"]);
  assertEquals(axisFigures([1_000, 2_500_000, 3e9]), ["1k", "2.5M", "3G"]);
});

Deno.test("a table's columns of figures stand to the right, all others to the left", () => {
  const rows = [["this package", 345, "-", "yes"], ["croner", 83_012, "1.5 x", "-"], ["cron", "-", "~2 x", "no"]];
  assertEquals(markdownTable(["", "heap, B", "of the floor", "overlaps"], rows).split("\n"), [
    "|              | heap, B | of the floor | overlaps |",
    "| ------------ | ------: | -----------: | -------- |",
    "| this package |     345 |            - | yes      |",
    "| croner       |  83,012 |        1.5 x | -        |",
    "| cron         |       - |         ~2 x | no       |",
  ]);
});

Deno.test("a row that is too short is filled up", () => {
  assertEquals(markdownTable(["", "a"], [["x"]]).split("\n").at(-1), "| x   |     |");
});

Deno.test("no text breaks out of its cell or its line", () => {
  assertEquals(markdownTable(["", "a"], [["x|y\nz", "<b>1</b>"]]).split("\n").at(-1), "| x\\|y z | &lt;b>1&lt;/b> |");
  assertEquals(markdownList(["one\n two", "`a<b>` and <c>, 1 < 2"]), "- one two\n- `a<b>` and &lt;c>, 1 < 2");
});

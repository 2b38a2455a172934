import { assertEquals } from "@std/assert";
import { CHANGED_DUE_TIMES_ROWS } from "../core/changed_due_times_rows.ts";

const PAGE = new URL("../../docs/scheduling.md", import.meta.url);

Deno.test("docs/scheduling.md has the rows of these tests in its table of deployments", async () => {
  const lines = (await Deno.readTextFile(PAGE)).split("\n").map((line) => line.replaceAll(/ +/g, " "));
  const rows = lines.filter((line) => /^\| [^|]+ \| [^|]+ \| Tue /.test(line));
  const expected = CHANGED_DUE_TIMES_ROWS.map(({ before, after, deployed, lastRun, nextRuns }) =>
    `| ${[before, after, deployed, lastRun, nextRuns.join(", ")].join(" | ")} |`
  );
  assertEquals(rows, expected);
});

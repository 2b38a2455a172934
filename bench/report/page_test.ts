import { assert, assertEquals, assertFalse, assertMatch, assertStringIncludes, assertThrows } from "@std/assert";
import { pathToFileURL } from "node:url";
import { machineText, thisMachine } from "./machine.ts";
import { keepResult, keptResults, type MeasuredPart, resultJson } from "./measured.ts";
import { pageOf } from "./page.ts";
import type { Section } from "./section.ts";
import { filesOf } from "./write.ts";

const MACHINE = { cpu: "A processor", cores: 2, memoryGib: 24, system: "A system" };

function section(id: string, change: Partial<Section> = {}): Section {
  return {
    id,
    title: `Title of ${id}`,
    notes: [`A note on ${id}.`],
    tables: [{ caption: `Table of ${id}`, header: ["", "bytes"], rows: [["this package", 12.345]] }],
    charts: [{ file: id, title: "A chart", kind: "bars", xLabel: "", yLabel: "B", series: [] }],
    goals: [],
    versions: { croner: "11.0.1" },
    ...change,
  };
}

function measured(id: string, change: Partial<MeasuredPart> = {}): MeasuredPart {
  const command = `deno task bench:peers --only ${id} --write`;
  return { section: section(id), date: "2026-01-31", command, repetitions: 5, machine: MACHINE, ...change };
}

Deno.test("pageOf() shows the tables, charts, notes and circumstances of each part", () => {
  const page = pageOf([measured("weight"), measured("lateness", { date: "2026-02-01", repetitions: 1 })]);
  for (const id of ["weight", "lateness"]) {
    for (const text of [`## Title of ${id} (\`${id}\`)`, `**Table of ${id}**`, `- A note on ${id}.`]) {
      assertStringIncludes(page, text);
    }
    assertStringIncludes(page, `![A chart](charts/${id}.svg)`);
  }
  assertStringIncludes(page, "| this package |  12.3 |");
  assertStringIncludes(
    page,
    "`deno task bench:peers --only weight --write`, 2026-01-31, median of 5 measurements, with croner 11.0.1.",
  );
  assertStringIncludes(page, "2026-02-01, measured once, with");
});

Deno.test("pageOf() names the machine once, or with each part if there were several", () => {
  const other = { ...MACHINE, cores: 1 };
  assertEquals(pageOf([measured("a"), measured("b")]).split("A processor, 2 cores").length - 1, 1);
  const page = pageOf([measured("a"), measured("b", { machine: other })]);
  assertEquals(page.split("A processor, 2 cores, 24 GiB of memory; A system").length - 1, 1);
  assertEquals(page.split("A processor, 1 core, ").length - 1, 1);
});

Deno.test("pageOf() starts with the met and missed goals", () => {
  const goals = [
    { what: "heap", limit: "at most 4 x", value: "3.9 x", isMet: true },
    { what: "size", limit: "at most 8 kB", value: "9 kB", isMet: false },
  ];
  const page = pageOf([measured("weight", { section: section("weight", { goals }) })]);
  assertStringIncludes(page, "1 of 2 goals are met.");
  assertMatch(page, /\| weight +\| heap +\| at most 4 x +\| +3\.9 x \| met +\|/);
  assertMatch(page, /\| weight +\| size +\| at most 8 kB +\| +9 kB \| \*\*missed\*\* +\|/);
});

Deno.test("keepResult() replaces the results of one part", async () => {
  const path = await Deno.makeTempDir();
  const folder = new URL("results/", pathToFileURL(`${path}/`));
  try {
    await keepResult(measured("a"), folder);
    await keepResult(measured("b"), folder);
    await keepResult(measured("a", { date: "2026-03-01" }), folder);
    const found = await keptResults(["never-measured", "b", "a"], folder);
    assertEquals(found, [measured("b"), measured("a", { date: "2026-03-01" })]);
  } finally {
    await Deno.remove(path, { recursive: true });
  }
});

Deno.test("resultJson() rounds fractions and keeps whole numbers", () => {
  const tables = [{ caption: "", header: ["", ""], rows: [["a", 1 / 3], ["b", 12_345_678]] }];
  const text = resultJson(measured("a", { section: section("a", { tables }) }));
  assertStringIncludes(text, "0.333333\n");
  assertStringIncludes(text, "12345678\n");
});

Deno.test("filesOf() makes a file of each chart and rejects equal names", () => {
  assertEquals([...filesOf([measured("a"), measured("b")]).keys()], ["RESULTS.md", "charts/a.svg", "charts/b.svg"]);
  const again = measured("b", { section: section("b", { charts: section("a").charts }) });
  assertThrows(() => filesOf([measured("a"), again]), Error, "two charts to one file");
});

Deno.test("thisMachine() contains no host name, user or path", () => {
  const text = machineText(thisMachine());
  assertMatch(text, /^.+, \d+ cores?, \d+ GiB of memory; .+$/);
  assertFalse(text.includes(Deno.hostname()));
  assert(!text.includes("/home/") && !text.includes("/root"));
});

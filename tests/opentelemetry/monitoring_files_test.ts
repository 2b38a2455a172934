/** The alerting rules and the dashboard of docs/monitoring, and the tables of docs/opentelemetry.md. */
import { assert, assertEquals } from "@std/assert";
import { type Instrument, instruments, pageOfAll } from "./instruments.ts";
import { samplesOf } from "./prometheus_page.ts";

const ROOT = new URL("../../", import.meta.url);
const RULES = "docs/monitoring/prometheus.yaml";
const DASHBOARD = "docs/monitoring/grafana.json";

async function read(path: string): Promise<string> {
  return await Deno.readTextFile(new URL(path, ROOT));
}

for (const file of [RULES, DASHBOARD]) {
  Deno.test(`${file} names only metrics and labels of the page that Prometheus scrapes`, async () => {
    const samples = samplesOf(await pageOfAll());
    const known = new Set(samples.flatMap(({ name, labels }) => [name, ...Object.keys(labels)]));
    const text = (await read(file)).replaceAll("(_seconds)?", "");
    const used = new Set([...text.matchAll(/\bneat_periodic_task_\w+/g)].map(([name]) => name));
    assert(used.size > 10, `${used.size}`);
    assertEquals([...used].filter((name) => !known.has(name)), []);
  });
}

Deno.test("docs/monitoring/grafana.json has the types of Grafana's schema", async () => {
  const folder = await Deno.makeTempDir({ prefix: "periodic_task_" });
  try {
    // an enum of strings accepts no text of a JSON file
    const program = `import type { Dashboard } from "@grafana/schema";
type Plain<T> = T extends string ? \`\${T}\` : T extends object ? { [Key in keyof T]: Plain<T[Key]> } : T;
export const dashboard: Plain<Dashboard> = ${await read(DASHBOARD)};
`;
    await Deno.writeTextFile(`${folder}/dashboard.ts`, program);
    const map = `${folder}/map.json`;
    const config = JSON.parse(await read("deno.json"));
    await Deno.writeTextFile(
      map,
      JSON.stringify({ imports: { "@grafana/schema": config.imports["@grafana/schema"] } }),
    );
    const args = ["check", "--quiet", "--no-config", `--import-map=${map}`, `${folder}/dashboard.ts`];
    const { success, stderr } = await new Deno.Command(Deno.execPath(), { args, cwd: folder }).output();
    assert(success, new TextDecoder().decode(stderr));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("the panels of docs/monitoring/grafana.json do not overlap, and have ids of their own", async () => {
  const { panels }: { panels: { id: number; gridPos: { x: number; y: number; w: number; h: number } }[] } = JSON.parse(
    await read(DASHBOARD),
  );
  const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
    Array.from({ length: w * h }, (_, index) => `${x + index % w},${y + Math.floor(index / w)}`)
  );
  assertEquals(new Set(cells).size, cells.length);
  assertEquals(new Set(panels.map(({ id }) => id)).size, panels.length);
});

/** The rows of a table in Markdown whose first cell is a name in code. */
function rowsOf(markdown: string): string[][] {
  return markdown.split("\n").filter((line) => line.startsWith("| `"))
    .map((line) => line.split("|").slice(1, -1).map((cell) => cell.trim().replaceAll("`", "")));
}

Deno.test("docs/opentelemetry.md lists every metric with its kind and unit, and every attribute of metrics and spans", async () => {
  const text = await read("docs/opentelemetry.md");
  const rows = rowsOf(text);
  const metrics = (await instruments()).map(({ name, kind, unit }: Instrument) => [name, kind, unit]);
  const listed = rows.filter(([, kind = ""]) => /^(counter|histogram|gauge|up-down)$/.test(kind));
  assertEquals(listed.map((cells) => cells.slice(0, 3)).sort(), metrics.sort());
  const attributes = new Set((await instruments()).flatMap(({ attributes }) => attributes));
  const named = new Set(rows.map(([name]) => name));
  assertEquals([...attributes].filter((name) => !named.has(name)), []);
});

/** Prometheus's own tool reads the alerting rules and the expressions of the dashboard. */
import { assert } from "@std/assert";
import { fileURLToPath } from "node:url";

const ROOT = new URL("../../", import.meta.url);
const RULES = "docs/monitoring/prometheus.yaml";
const DASHBOARD = "docs/monitoring/grafana.json";

/** Whether promtool is installed. */
const hasPromtool = await new Deno.Command("promtool", { args: ["--version"], stdout: "null", stderr: "null" }).output()
  .then(({ success }) => success, () => false);

const WITHOUT_PROMTOOL = hasPromtool ? "" : " (skipped: promtool is not installed; Debian: apt-get install prometheus)";

async function promtool(args: string[]): Promise<void> {
  const { success, stdout, stderr } = await new Deno.Command("promtool", { args, cwd: fileURLToPath(ROOT) }).output();
  assert(success, new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr));
}

Deno.test({
  name: `promtool accepts the alerting rules, and they fire when they should${WITHOUT_PROMTOOL}`,
  ignore: !hasPromtool,
  fn: async () => {
    await promtool(["check", "rules", RULES]);
    await promtool(["test", "rules", "tests/opentelemetry/prometheus_rules.test.yaml"]);
  },
});

/** The expressions of the dashboard, with values for what Grafana replaces. */
async function expressions(): Promise<string[]> {
  const { panels }: { panels: { targets: { expr: string }[] }[] } = JSON.parse(
    await Deno.readTextFile(new URL(DASHBOARD, ROOT)),
  );
  return panels.flatMap(({ targets }) => targets)
    .map(({ expr }) => expr.replaceAll("$__rate_interval", "5m").replaceAll("$task", ".+"));
}

Deno.test({
  name: `promtool accepts the expressions of the dashboard${WITHOUT_PROMTOOL}`,
  ignore: !hasPromtool,
  fn: async () => {
    const rules = (await expressions()).map((expr, index) => ({ record: `panel:${index}`, expr }));
    const file = await Deno.makeTempFile({ suffix: ".json" });
    try {
      await Deno.writeTextFile(file, JSON.stringify({ groups: [{ name: "dashboard", rules }] }));
      await promtool(["check", "rules", file]);
    } finally {
      await Deno.remove(file);
    }
  },
});

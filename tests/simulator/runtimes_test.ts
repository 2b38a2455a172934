import { assert, assertEquals } from "@std/assert";
import { sampleTimelines } from "./sample_timelines.ts";

const SCRIPT = new URL("./print_timelines.ts", import.meta.url).href;

async function output(command: string, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await new Deno.Command(command, { args, env: { NO_COLOR: "1" } }).output();
  assert(code === 0, new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout).trimEnd();
}

const hasNode = await output("node", "--version").then((version) => /^v(2\d|[3-9]\d)/.test(version), () => false);

Deno.test("simulate() gives the same timelines in another process", async () => {
  const here = await sampleTimelines();
  assert(here.split("\n").length > 1_000);
  assertEquals(await output(Deno.execPath(), "run", "--no-config", "--quiet", SCRIPT), here);
});

Deno.test({
  name: "simulate() gives the same timelines on Node",
  ignore: !hasNode,
  fn: async () => {
    const folder = await Deno.makeTempDir();
    try {
      const bundle = `${folder}/timelines.mjs`;
      await output(Deno.execPath(), "bundle", "--quiet", "--platform=deno", `--output=${bundle}`, SCRIPT);
      assertEquals(await output("node", bundle), await sampleTimelines());
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});

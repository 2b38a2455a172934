import { assert, assertEquals } from "@std/assert";
import { worlds } from "./some_worlds.ts";

const SCRIPT = new URL("./print_worlds.ts", import.meta.url).href;

async function output(command: string, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await new Deno.Command(command, { args, env: { NO_COLOR: "1" } }).output();
  assert(code === 0, new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout).trimEnd();
}

const hasNode = await output("node", "--version").then((version) => /^v(2\d|[3-9]\d)/.test(version), () => false);

Deno.test("another process sees the same worlds, to the letter", async () => {
  const here = await worlds();
  assert(here.split("\n").length > 1_000);
  assertEquals(await output(Deno.execPath(), "run", "--no-config", "--quiet", SCRIPT), here);
});

Deno.test({
  name: "Node sees the same worlds, to the letter",
  ignore: !hasNode,
  fn: async () => {
    const folder = await Deno.makeTempDir();
    try {
      const bundle = `${folder}/worlds.mjs`;
      await output(Deno.execPath(), "bundle", "--quiet", "--platform=deno", `--output=${bundle}`, SCRIPT);
      assertEquals(await output("node", bundle), await worlds());
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});

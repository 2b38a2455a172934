// The package is the same with either builder: dnt, or TypeScript where JSR cannot be reached.

import { assertEquals } from "@std/assert";
import { listFiles } from "./installed_package.ts";
import { otherTarball, packageTest, tarball } from "./environment.ts";

async function unpack(path: string, folder: string): Promise<string> {
  await Deno.mkdir(folder);
  const { success } = await new Deno.Command("tar", { args: ["-xzf", path], cwd: folder, stdin: "null" }).output();
  assertEquals(success, true, path);
  return `${folder}/package`;
}

/** Declarations without comments: TypeScript omits some of them. */
function withoutComments(text: string): string {
  return text.replace(/\/\*\*.*?\*\//gs, "").trim();
}

packageTest("dnt and TypeScript make the same package", async (t) => {
  const other = otherTarball();
  if (other === undefined) {
    throw new Error("Cannot compare the builders as there is one package: current value is none");
  }
  const folder = await Deno.makeTempDir({ prefix: "periodic_task_" });
  try {
    const one = await unpack(tarball(), `${folder}/one`);
    const two = await unpack(other, `${folder}/two`);
    const files = await listFiles(one);

    await t.step("with the same files", async () => assertEquals(await listFiles(two), files));

    await t.step("with the same code, documents and package.json", async () => {
      for (const file of files.filter((file) => !file.endsWith(".d.ts"))) {
        assertEquals(await Deno.readTextFile(`${two}/${file}`), await Deno.readTextFile(`${one}/${file}`), file);
      }
    });

    await t.step("with the same declarations", async () => {
      for (const file of files.filter((file) => file.endsWith(".d.ts"))) {
        const texts = await Promise.all([one, two].map((from) => Deno.readTextFile(`${from}/${file}`)));
        const [expected, actual] = texts.map(withoutComments);
        assertEquals(actual, expected, file);
      }
    });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}, otherTarball() === undefined ? "dnt cannot be had without JSR" : undefined);

// The package is the same with either builder: dnt, or `deno pack` where JSR cannot be reached.

import { assert, assertEquals } from "@std/assert";
import { listFiles } from "./installed_package.ts";
import { otherTarball, packageTest, tarball } from "./environment.ts";

async function unpack(path: string, folder: string): Promise<string> {
  await Deno.mkdir(folder);
  const { success } = await new Deno.Command("tar", { args: ["-xzf", path], cwd: folder, stdin: "null" }).output();
  assertEquals(success, true, path);
  return `${folder}/package`;
}

/** The names that a declaration file declares and exports. */
function exportedNames(text: string): string[] {
  const code = text.replace(/\/\*\*.*?\*\//gs, "");
  const matches = code.matchAll(/\bexport (?:declare )?(?:abstract )?(?:class|const|function|interface|type) (\w+)/g);
  return [...matches].map(([, name = ""]) => name);
}

packageTest("dnt and `deno pack` make the same package", async (t) => {
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

    // `deno pack` declares the public names alone, and dnt declares all
    await t.step("with the public names in the same declarations", async () => {
      let count = 0;
      for (const file of files.filter((file) => file.endsWith(".d.ts"))) {
        const texts = await Promise.all([one, two].map((from) => Deno.readTextFile(`${from}/${file}`)));
        const [all = [], some = []] = texts.map(exportedNames).sort((a, b) => b.length - a.length);
        assertEquals(some.filter((name) => !all.includes(name)), [], file);
        count += some.length;
      }
      assert(count > 20, `${count} names`);
    });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}, otherTarball() === undefined ? "dnt cannot be had without JSR" : undefined);

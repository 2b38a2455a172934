// README.md's example, as it is, on Deno. tests/npm runs it on Node and Bun.

import { assertEquals } from "@std/assert";
import { RunningExample } from "./example.ts";

const isWindows = Deno.build.os === "windows";

/** Returns the first example of README.md. */
async function example(): Promise<string> {
  const readme = await Deno.readTextFile(new URL("../../README.md", import.meta.url));
  const code = /^## Example\n+```ts no-run\n(.*?)^```$/ms.exec(readme)?.[1];
  if (!code) throw new Error("Cannot run the example of README.md as there is none under its heading");
  return code;
}

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  Deno.test({
    name: `README.md's example runs, and ends by itself at ${signal}`,
    ignore: isWindows,
    fn: async () => {
      const folder = await Deno.makeTempDir();
      try {
        const file = `${folder}/hello.ts`;
        await Deno.writeTextFile(file, await example());
        await using running = RunningExample.startFile(file);
        await running.printed(/FINISHED.*\n/);
        running.signal(signal);
        assertEquals(await running.ended(), {
          code: 0,
          stdout: [
            '### [START] neat-periodic-task: "hello-world"',
            "Hello World 1",
            '### [FINISHED] neat-periodic-task: "hello-world"',
            "",
          ].join("\n"),
          stderr: "",
        });
      } finally {
        await Deno.remove(folder, { recursive: true });
      }
    },
  });
}

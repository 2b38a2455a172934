// What publint and "Are the types wrong?" report about the package.

import { assert, assertEquals } from "@std/assert";
import { Consumer } from "./consumer.ts";
import { nodePath, packageTest, tarball } from "./environment.ts";
import { IN_MODULES, SUBPATHS } from "./installed_package.ts";

const PUBLINT = "publint@0.3.25";
const ATTW = "@arethetypeswrong/cli@0.18.5";

interface Resolution {
  readonly resolution?: { readonly fileName: string; readonly isTypeScript: boolean };
  readonly implementationResolution?: { readonly fileName: string };
}

interface AttwReport {
  readonly analysis: {
    readonly entrypoints: Readonly<Record<string, { readonly resolutions: Readonly<Record<string, Resolution>> }>>;
    readonly problems: readonly { readonly resolutionKind?: string; readonly resolutionOption?: string }[];
  };
}

/** The folder of the files to which each way of resolving must lead. */
const FOLDERS: Readonly<Record<string, string>> = {
  "node16-esm": "esm",
  "bundler": "esm",
  "node16-cjs": "script",
};

/** Asserts that every entry point resolves to files of the right format, without problems. */
function checkReport(report: AttwReport): void {
  const { entrypoints, problems } = report.analysis;
  // TypeScript before 4.7 does not read `exports`, and is not supported
  const isRelevant = ({ resolutionKind: kind, resolutionOption: option }: typeof problems[number]): boolean =>
    option !== "node10" && (kind === undefined || kind in FOLDERS);
  assertEquals(problems.filter(isRelevant), []);
  assertEquals(Object.keys(entrypoints), [...SUBPATHS, "./package.json"]);
  for (const subpath of SUBPATHS) {
    for (const [kind, format] of Object.entries(FOLDERS)) {
      const { resolution, implementationResolution } = entrypoints[subpath]?.resolutions[kind] ?? {};
      const { fileName = "", isTypeScript } = resolution ?? {};
      assert(isTypeScript && fileName.includes(`/${IN_MODULES}/${format}/`), `${subpath} by ${kind}: ${fileName}`);
      assertEquals(implementationResolution?.fileName, fileName.replace(/\.d\.ts$/, ".js"), `${subpath} by ${kind}`);
    }
  }
}

packageTest("tools that check packages report no problem", async (t) => {
  await using consumer = await Consumer.create([PUBLINT, ATTW]);
  const node = nodePath("newest");

  await t.step("publint --strict", async () => {
    const program = consumer.packageFile("publint/src/cli.js");
    const output = await consumer.runOrThrow(node, [program, "--strict", tarball()]);
    assert(output.endsWith("Linting...\nAll good!\n"), output);
  });

  await t.step("Are the types wrong?", async () => {
    const program = consumer.packageFile("@arethetypeswrong/cli/dist/index.js");
    const attw = [program, "--no-definitely-typed", "--profile=node16"];
    // first for people, because the JSON is cut off if there are problems
    await consumer.runOrThrow(node, [...attw, "--format=ascii", "--no-emoji", tarball()]);
    const text = await consumer.runOrThrow(node, [...attw, "--format=json", tarball()]);
    // warnings of Node follow the JSON
    checkReport(JSON.parse(text.slice(0, text.lastIndexOf("}") + 1)));
  });
});

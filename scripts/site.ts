// deno task site [--base /PATH/] [--output FOLDER]
//
// Builds the documentation site from README.md, docs/ and the documentation of the code, as static files, and checks its links.
// VitePress makes the pages, and `deno doc` the reference. --base is the path at which the site is served (default: /).

import { copyFile, mkdir, rm, writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { dirname } from "node:path/posix";
import { fileURLToPath } from "node:url";
import config from "../deno.json" with { type: "json" };
import { denoOrThrow, ROOT } from "../internal/processes/deno_command.ts";
import { importArgs } from "./jsr.ts";
import { NPM, npmArgs, runOrThrow } from "./npm/command.ts";
import { DESCRIPTION, REPOSITORY } from "./npm/manifest.ts";
import { deadSiteLinks } from "./site/dead_links.ts";
import { NAVIGATION, sidebarOf, sitePath } from "./site/navigation.ts";
import { sitePage, titleOf } from "./site/site_page.ts";

/** The generator of the pages. */
const VITEPRESS = "vitepress@1.6.4";

/** The folders with pages, and the pages beside them. */
const PAGE_FOLDERS = ["docs", "bench/charts"];
const PAGES = ["README.md", "CHANGELOG.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md", "bench/RESULTS.md"];

/** Where the site is put together. */
const WORK_FOLDER = fileURLToPath(new URL(".cache/site", ROOT));

/** The paths of the files below a folder, relative to `root`. */
function filesBelow(root: string | URL, folder: string): string[] {
  const base = typeof root === "string" ? root : fileURLToPath(root);
  return [...Deno.readDirSync(`${base}/${folder}`)].flatMap(({ name, isDirectory }) => {
    const path = folder === "" ? name : `${folder}/${name}`;
    return isDirectory ? filesBelow(base, path) : [path];
  });
}

/** Writes the pages and pictures into a folder, with the settings of VitePress. */
async function writePages(folder: string, base: string): Promise<void> {
  const found = [...PAGES, ...PAGE_FOLDERS.flatMap((folder) => filesBelow(ROOT, folder))];
  const pages = new Set(found.filter((path) => path.endsWith(".md")));
  const pictures = new Set(found.filter((path) => /\.(png|svg)$/.test(path)));
  const sourceUrl = `${REPOSITORY}/blob/main`;
  const titles = new Map<string, string>();
  for (const path of pages) {
    const text = await Deno.readTextFile(new URL(path, ROOT));
    titles.set(path, path === "README.md" ? "Overview" : titleOf(text));
    await writeInto(folder, sitePath(path), sitePage(path, text, { pages, pictures, sourceUrl }));
  }
  for (const path of pictures) {
    await mkdir(`${folder}/${dirname(path)}`, { recursive: true });
    await copyFile(new URL(path, ROOT), `${folder}/${path}`);
  }
  const site = { base, description: DESCRIPTION, sidebar: sidebarOf(NAVIGATION, titles), sourceUrl: REPOSITORY };
  await writeInto(folder, ".vitepress/site.json", JSON.stringify(site));
  await copyFile(new URL("scripts/site/config.mjs", ROOT), `${folder}/.vitepress/config.mjs`);
}

async function writeInto(folder: string, path: string, text: string): Promise<void> {
  await mkdir(dirname(`${folder}/${path}`), { recursive: true });
  await writeFile(`${folder}/${path}`, text);
}

/** Makes the reference of all entry points. */
async function writeReference(folder: string): Promise<void> {
  const entries = Object.values(config.exports);
  const args = ["doc", "--html", `--name=${config.name}`, `--output=${folder}`, ...await importArgs(), ...entries];
  await denoOrThrow(args);
}

/** Builds the site into a folder, which is replaced. */
async function buildSite(output: string, base: string): Promise<void> {
  await rm(`${WORK_FOLDER}/pages`, { recursive: true, force: true });
  await writePages(`${WORK_FOLDER}/pages`, base);
  await writeInto(WORK_FOLDER, "package.json", JSON.stringify({ private: true, type: "module" }));
  await runOrThrow(NPM, ["install", ...npmArgs(WORK_FOLDER), VITEPRESS], { cwd: WORK_FOLDER });
  await rm(output, { recursive: true, force: true });
  const build = ["exec", `--prefix=${WORK_FOLDER}`, "--", "vitepress", "build", "pages", "--outDir", output];
  await runOrThrow(NPM, build, { cwd: WORK_FOLDER });
  await writeReference(`${output}/reference`);
}

/** Throws if a link of the site is dead. */
async function checkLinks(output: string, base: string): Promise<void> {
  const files = filesBelow(output, "");
  const pages = await Promise.all(
    files.filter((path) => path.endsWith(".html"))
      .map(async (path) => ({ path, html: await Deno.readTextFile(`${output}/${path}`) })),
  );
  const dead = deadSiteLinks(pages, new Set(files), base);
  if (dead.length > 0) throw new Error(`Cannot use the site as ${dead.length} links are dead:\n${dead.join("\n")}`);
  console.log(`${pages.length} pages, no dead link: ${output}`);
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    args: Deno.args,
    options: { base: { type: "string", default: "/" }, output: { type: "string", default: "site" } },
  });
  const { base } = values;
  if (!/^\/(?:[^/]+\/)*$/.test(base)) {
    throw new RangeError(`Cannot build the site as --base must begin and end with a slash: current value is ${base}`);
  }
  const output = fileURLToPath(new URL(values.output, `file://${Deno.cwd()}/`));
  await buildSite(output, base);
  await checkLinks(output, base);
}

if (import.meta.main) await main();

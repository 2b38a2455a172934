import { fileURLToPath } from "node:url";
import { denoOrThrow } from "../../deno_command.ts";
import { availableBuilder, build, pack } from "../../npm/build.ts";
import { cached, installedPeers, npmInstall, type Peers } from "./packages.ts";
import { runToEnd } from "./process.ts";

/** Where scripts find the peers, and this package as users get it, by their names. */
export interface Workshop extends Peers {
  /** The tarball of this package as it is now. */
  readonly tarball: string;
}

const CHILDREN = new URL("node/", import.meta.url);

/** Builds this package as it is now, as its users get it from npm, and packs it into a folder. */
async function packOwn(folder: string): Promise<string> {
  const built = `${folder}/package`;
  await Deno.mkdir(built);
  await build(built, await availableBuilder(), ["--without-tests"]);
  return await pack(built, folder);
}

async function hashOf(path: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", await Deno.readFile(path));
  return new Uint8Array(digest).toHex().slice(0, 12);
}

async function open(): Promise<Workshop> {
  const peers = await installedPeers();
  const temporary = await Deno.makeTempDir({ prefix: "periodic_task_" });
  try {
    const packed = await packOwn(temporary);
    // below the peers' folder, so that both are found from there, and a change of the source gets a folder of its own
    const folder = await cached(`${peers.folder}/own-${await hashOf(packed)}`, async (unfinished) => {
      await Deno.copyFile(packed, `${unfinished}/own.tgz`);
      await npmInstall(unfinished, [`${unfinished}/own.tgz`]);
    });
    return { ...peers, folder, tarball: `${folder}/own.tgz` };
  } finally {
    await Deno.remove(temporary, { recursive: true });
  }
}

let workshop: Promise<Workshop> | undefined;

/** The workshop with this package as it is when this is called first. */
export function openWorkshop(): Promise<Workshop> {
  return workshop ??= open();
}

const bundles = new Map<string, Promise<string>>();

async function bundle(script: string): Promise<string> {
  const { folder } = await openWorkshop();
  const target = `${folder}/${script.replace(/\.ts$/, ".mjs")}`;
  const unfinished = `${target}.${crypto.randomUUID().slice(0, 8)}`;
  const source = fileURLToPath(new URL(script, CHILDREN));
  await denoOrThrow(["bundle", "--quiet", "--packages=external", `--output=${unfinished}`, source]);
  // at once, as another may be running what is there
  await Deno.rename(unfinished, target);
  return target;
}

/** A script of the folder node/ as JavaScript, in a place from where it finds all packages. */
export function bundled(script: string): Promise<string> {
  const found = bundles.get(script) ?? bundle(script);
  bundles.set(script, found);
  return found;
}

/** Runs a script of the folder node/ in a Node of its own, and answers with the JSON that it prints. */
export async function measureInNode<Figures>(
  script: string,
  args: readonly string[],
  { limitMs, flags = [], env = {} }: { limitMs: number; flags?: readonly string[]; env?: Record<string, string> },
): Promise<Figures> {
  const [{ node, folder }, path] = await Promise.all([openWorkshop(), bundled(script)]);
  return JSON.parse(await runToEnd(node, [...flags, path, ...args], { limitMs, cwd: folder, env })) as Figures;
}

/** Contestants in the order of a repetition: each is first in its turn. */
export function rotated<Contestant>(contestants: readonly Contestant[], repetition: number): Contestant[] {
  const first = repetition % contestants.length;
  return [...contestants.slice(first), ...contestants.slice(0, first)];
}

/**
 * This package as its users get it from npm, installed beside the peers.
 *
 * @module
 */
import { availableBuilder, build, pack } from "../../scripts/npm/build.ts";
import { cached, installedPeers, npmInstall, type Peers } from "./packages.ts";

/** A folder in which scripts find this package and the peers by their names. */
export interface InstalledPackage extends Peers {
  /** The tarball of this package. */
  readonly tarball: string;
}

let installed: Promise<InstalledPackage> | undefined;

/** Installs this package as it is at the first call. */
export function installedPackage(): Promise<InstalledPackage> {
  return installed ??= install();
}

async function install(): Promise<InstalledPackage> {
  const peers = await installedPeers();
  const temporary = await Deno.makeTempDir({ prefix: "periodic_task_" });
  try {
    const packed = await buildTarball(temporary);
    // below the folder of the peers, so that both are found from there; each state of the source has a folder of its own
    const folder = await cached(`${peers.folder}/own-${await hashOf(packed)}`, async (unfinished) => {
      await Deno.copyFile(packed, `${unfinished}/own.tgz`);
      await npmInstall(unfinished, [`${unfinished}/own.tgz`]);
    });
    return { ...peers, folder, tarball: `${folder}/own.tgz` };
  } finally {
    await Deno.remove(temporary, { recursive: true });
  }
}

async function buildTarball(folder: string): Promise<string> {
  const built = `${folder}/package`;
  await Deno.mkdir(built);
  await build(built, await availableBuilder(), ["--without-tests"]);
  return await pack(built, folder);
}

async function hashOf(path: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", await Deno.readFile(path));
  return new Uint8Array(digest).toHex().slice(0, 12);
}

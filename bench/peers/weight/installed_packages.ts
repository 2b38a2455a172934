import { fileURLToPath } from "node:url";
import { ROOT } from "../../../internal/processes/deno_command.ts";
import { cached, npmInstall, type PackageName, PACKAGES } from "../packages.ts";
import { installedPackage } from "../package.ts";

/** A package that is installed alone in a folder, with what it requires. */
export interface WeighedPackage {
  readonly name: string;
  readonly folder: string;
  /** The specifiers that users import. */
  readonly specifiers: readonly string[];
}

/** The name of this package in figures. */
export const OURS = "this package";

/** The peers, and the packages to install and import with each. */
const PEERS: Readonly<Partial<Record<PackageName, readonly PackageName[]>>> = {
  "croner": [],
  "node-cron": [],
  "toad-scheduler": [],
  "cron": [],
  "node-schedule": [],
  "bullmq": ["ioredis"],
  "pg-boss": [],
  "graphile-worker": [],
  "agenda": ["@agendajs/postgres-backend"],
};

async function installAlone(names: readonly PackageName[]): Promise<WeighedPackage> {
  const versioned = names.map((name) => `${name}@${PACKAGES[name]}`);
  // beside the folder of all peers, as optional packages would be found in a folder above
  const path = fileURLToPath(new URL(`.cache/bench-alone-${versioned[0]}`, ROOT));
  const folder = await cached(path, (unfinished) => npmInstall(unfinished, versioned));
  return { name: names.join(" + "), folder, specifiers: names };
}

/** Installs each package in a folder of its own: all, or a few in the short form. */
export async function installPackages(isShort: boolean): Promise<WeighedPackage[]> {
  const { folder } = await installedPackage();
  const packages: WeighedPackage[] = [{ name: OURS, folder, specifiers: ["@neat/periodic-task"] }];
  for (const [name, others] of Object.entries(PEERS).slice(0, isShort ? 2 : undefined)) {
    packages.push(await installAlone([name as PackageName, ...others]));
  }
  return packages;
}

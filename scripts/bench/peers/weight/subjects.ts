import { fileURLToPath } from "node:url";
import { ROOT } from "../../../deno_command.ts";
import { cached, npmInstall, type PackageName, PACKAGES } from "../packages.ts";
import { openWorkshop } from "../workshop.ts";

/** What is weighed: a package alone in a folder, with what it can't do without. */
export interface Subject {
  readonly name: string;
  readonly folder: string;
  /** What a user imports. */
  readonly specifiers: readonly string[];
}

/** This package's name in figures. */
export const OURS = "this package";

/** The peers, and what has to be installed and imported with each. */
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

async function alone(names: readonly PackageName[]): Promise<Subject> {
  const versioned = names.map((name) => `${name}@${PACKAGES[name]}`);
  // beside the folder of all peers: below it, what is optional would be found there
  const path = fileURLToPath(new URL(`.cache/bench-alone-${versioned[0]}`, ROOT));
  const folder = await cached(path, (unfinished) => npmInstall(unfinished, versioned));
  return { name: names.join(" + "), folder, specifiers: names };
}

/** Each in a folder of its own: all, or as many as a short form has time for. */
export async function installSubjects(isShort: boolean): Promise<Subject[]> {
  const { folder } = await openWorkshop();
  const subjects: Subject[] = [{ name: OURS, folder, specifiers: ["@neat/periodic-task"] }];
  for (const [name, others] of Object.entries(PEERS).slice(0, isShort ? 2 : undefined)) {
    subjects.push(await alone([name as PackageName, ...others]));
  }
  return subjects;
}

// deno task soak [--minutes M] [--store kv|gcs] [--seed S]
//
// Has 8 replicas, each a process, share a task for M minutes (10 if not given), half of them on a Deno KV file and half on a
// Cloud Storage server, while their store fails in all ways it can and they themselves are killed and paused. Then says from
// their log whether every promise was kept. Exits with 1 if not, and leaves the log.
//
// deno task soak --check FOLDER
//
// Judges a log that was left once more.

import { checkFolder } from "./soak/check.ts";
import { details, linesOf, table } from "./soak/report.ts";
import { REPLICAS, soak, type StoreName } from "./soak/run.ts";

const STORES: readonly StoreName[] = ["kv", "gcs"];
const LEAST_MINUTES = 0.25;
const MAX_SEED = 1e6;
/** How many breaches are shown. */
const SHOWN = 20;

interface Options {
  readonly minutes: number;
  readonly seed: number;
  readonly stores: readonly StoreName[];
}

function optionsOf(args: readonly string[]): Options {
  const given = new Map<string, string>();
  for (let index = 0; index < args.length; index += 2) {
    const [name = "", value = ""] = args.slice(index);
    if (!["--minutes", "--seed", "--store"].includes(name)) {
      refuse("--minutes, --seed and --store are all it knows", name);
    }
    given.set(name, value);
  }
  const store = given.get("--store");
  const stores = STORES.filter((name) => store === undefined || name === store);
  if (stores.length === 0) refuse(`--store must be one of ${STORES.join(", ")}`, store);
  const minutes = Number(given.get("--minutes") ?? 10);
  if (!(minutes >= LEAST_MINUTES * stores.length)) {
    refuse(`--minutes must be at least ${LEAST_MINUTES} for each store`, given.get("--minutes"));
  }
  const seed = Number(given.get("--seed") ?? Math.ceil(Math.random() * MAX_SEED));
  if (!Number.isSafeInteger(seed) || seed < 0) refuse("--seed must be a whole number", given.get("--seed"));
  return { minutes, seed, stores };
}

function refuse(state: string, value: string | undefined): never {
  console.error(`Cannot soak as ${state}: current value is ${JSON.stringify(value)}`);
  Deno.exit(2);
}

async function recheck(folder: string): Promise<number> {
  const { entries, breaches, ...figures } = await checkFolder(folder);
  console.log(`${entries.length} lines; ${JSON.stringify(figures)}`);
  for (const { atMs, message } of breaches) console.log(`${new Date(atMs).toISOString()}  ${message}`);
  return breaches.length > 0 ? 1 : 0;
}

async function main(): Promise<number> {
  const [first, folder] = Deno.args;
  if (first === "--check" && folder !== undefined) return await recheck(folder);
  const { minutes, seed, stores } = optionsOf(Deno.args);
  // ends it early and in order, so that no server stays behind; Windows knows no SIGTERM
  const interruption = new AbortController();
  const { signal } = interruption;
  if (Deno.build.os !== "windows") Deno.addSignalListener("SIGTERM", () => interruption.abort());
  const share = minutes / stores.length;
  let code = 0;
  for (const store of stores) {
    if (signal.aborted) break;
    const replay = `deno task soak --minutes ${share} --store ${store} --seed ${seed}`;
    console.log(`${REPLICAS} replicas for ${share} minutes; the same plan again: ${replay}`);
    const folder = await Deno.makeTempDir({ prefix: "periodic_task_soak_" });
    const result = await soak({ store, seed, totalMs: share * 60_000, folder, signal });
    const lines = linesOf(result);
    console.log(`\n${result.server}\n${table(lines)}\n`);
    if (lines.every(({ isGood }) => isGood !== false)) {
      await Deno.remove(folder, { recursive: true });
      continue;
    }
    code = 1;
    console.log(details(result).slice(0, SHOWN).join("\n"));
    console.log(`What has happened is in ${folder}; judge it again: deno task soak --check ${folder}`);
  }
  return signal.aborted ? 1 : code;
}

if (import.meta.main) Deno.exit(await main());

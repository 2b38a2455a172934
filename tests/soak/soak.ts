// deno task soak [--minutes M] [--store kv|gcs|postgres|redis|mysql|sqlite|s3|etcd|consul|nats] [--seed S]
//
// Lets 8 replicas, each a process, share a task for M minutes (10 if absent), the same time on each store or all of it on one,
// with faults of the store, and with kills and pauses of the replicas. Servers are started here, on loopback; proxies cut, hold
// and delay their connections, and they themselves are frozen and restarted. Checks the log of the replicas against the promises.
// Exits with 1 if one is broken, and keeps the log.
//
// deno task soak --check FOLDER
//
// Checks a kept log again.

import { checkFolder } from "./check.ts";
import { details, linesOf, table } from "./report.ts";
import { REPLICAS, soak } from "./run.ts";
import { type StoreName, STORES } from "./soaked_store.ts";

const NAMES = Object.keys(STORES) as StoreName[];
const MIN_MINUTES = 0.25;
const MAX_SEED = 1e6;
/** The most violations that are shown. */
const MAX_SHOWN = 20;

interface SoakArguments {
  readonly minutes: number;
  readonly seed: number;
  readonly stores: readonly StoreName[];
}

function parseArguments(args: readonly string[]): SoakArguments {
  const given = new Map<string, string>();
  for (let index = 0; index < args.length; index += 2) {
    const [name = "", value = ""] = args.slice(index);
    if (!["--minutes", "--seed", "--store"].includes(name)) {
      fail("the arguments are --minutes, --seed and --store", name);
    }
    given.set(name, value);
  }
  const store = given.get("--store");
  const stores = NAMES.filter((name) => store === undefined || name === store);
  if (stores.length === 0) fail(`--store must be one of ${NAMES.join(", ")}`, store);
  const minutes = Number(given.get("--minutes") ?? 10);
  if (!(minutes >= MIN_MINUTES * stores.length)) {
    fail(`--minutes must be at least ${MIN_MINUTES} for each store`, given.get("--minutes"));
  }
  const seed = Number(given.get("--seed") ?? Math.ceil(Math.random() * MAX_SEED));
  if (!Number.isSafeInteger(seed) || seed < 0) fail("--seed must be a whole number", given.get("--seed"));
  return { minutes, seed, stores };
}

function fail(state: string, value: string | undefined): never {
  console.error(`Cannot soak as ${state}: current value is ${JSON.stringify(value)}`);
  Deno.exit(2);
}

async function checkAgain(folder: string): Promise<number> {
  const { entries, violations, ...figures } = await checkFolder(folder);
  console.log(`${entries.length} lines; ${JSON.stringify(figures)}`);
  for (const { atMs, message } of violations) console.log(`${new Date(atMs).toISOString()}  ${message}`);
  return violations.length > 0 ? 1 : 0;
}

async function main(): Promise<number> {
  const [first, folder] = Deno.args;
  if (first === "--check" && folder !== undefined) return await checkAgain(folder);
  const { minutes, seed, stores } = parseArguments(Deno.args);
  // SIGTERM ends the soak early, so that no server is left running; Windows has no SIGTERM
  const interruption = new AbortController();
  const { signal } = interruption;
  if (Deno.build.os !== "windows") Deno.addSignalListener("SIGTERM", () => interruption.abort());
  const share = minutes / stores.length;
  let code = 0;
  for (const store of stores) {
    if (signal.aborted) break;
    const replay = `deno task soak --minutes ${share} --store ${store} --seed ${seed}`;
    console.log(`${REPLICAS} replicas for ${share} minutes; to repeat the plan: ${replay}`);
    const folder = await Deno.makeTempDir({ prefix: "periodic_task_soak_" });
    const result = await soak({ store, seed, totalMs: share * 60_000, folder, signal });
    const lines = linesOf(result);
    console.log(`\n${result.server}\n${table(lines)}\n`);
    if (lines.every(({ isGood }) => isGood !== false)) {
      await Deno.remove(folder, { recursive: true });
      continue;
    }
    code = 1;
    console.log(details(result).slice(0, MAX_SHOWN).join("\n"));
    console.log(`The log is in ${folder}; to check it again: deno task soak --check ${folder}`);
  }
  return signal.aborted ? 1 : code;
}

if (import.meta.main) Deno.exit(await main());

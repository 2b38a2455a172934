// A program for every runtime, with drivers installed beside it: <runtime> PROGRAM JSON of a ProgramInput
//
// Runs the store checks on each URL, reads while servers are restarted, and ends by itself. Prints a line for each check, and fails
// if one fails.

import { access, writeFile } from "node:fs/promises";
import process from "node:process";
import { storeChecks } from "../../../src/testing/mod.ts";
import { type OpenedStore, openStore } from "../../../stores/open.ts";
import { runChecks } from "../helpers/run_checks.ts";
import type { ProgramInput, StoreCase } from "./cases.ts";

const { checks, restarted }: ProgramInput = JSON.parse(process.argv[2] ?? "");
const RESTART_LIMIT_MS = 60_000;

interface NamedCheck {
  readonly name: string;
  readonly run: () => Promise<void>;
}

function checksOf({ name, url, hung, limits }: StoreCase): NamedCheck[] {
  const all = storeChecks({
    open: () => openStore(url),
    ...(hung !== undefined && { openHung: (limitMs: number) => openStore(`${hung}timeout=${limitMs}ms`) }),
    close: (store) => (store as OpenedStore).close(),
    raceRounds: 5,
    ...limits,
  });
  return all.filter(({ skipped }) => !skipped).map((check) => ({ name: `${name}: ${check.name}`, run: check.run }));
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Reads until the answer comes. */
async function readAgain(store: OpenedStore): Promise<void> {
  const endMs = performance.now() + RESTART_LIMIT_MS;
  for (;;) {
    try {
      await store.read("restarted");
      return;
    } catch (error) {
      if (performance.now() > endMs) throw error;
      await sleep(100);
    }
  }
}

/** Servers that restart break idle connections, which must not end the process. */
async function outliveRestart({ urls, before, after }: NonNullable<ProgramInput["restarted"]>): Promise<void> {
  const stores = await Promise.all(urls.map((url) => openStore(url)));
  try {
    await Promise.all(stores.map((store) => store.read("restarted")));
    await writeFile(before, "");
    while (!await access(after).then(() => true, () => false)) await sleep(50);
    await Promise.all(stores.map(readAgain));
  } finally {
    await Promise.all(stores.map((store) => store.close()));
  }
}

const restarts = restarted
  ? [{ name: "stores work again after their servers were restarted", run: () => outliveRestart(restarted) }]
  : [];
await runChecks([...checks.flatMap(checksOf), ...restarts]);

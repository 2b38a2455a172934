/**
 * Checks that of many writers at once exactly one wins.
 *
 * @module
 */
import type { Bench, Check } from "../bench.ts";
import { outcomeOf } from "../checked_client.ts";
import { must, sameBytes } from "../expectation.ts";
import { bytesOf, newRecord } from "../record.ts";

const WRITERS = 20;

/** Without `raceRounds` a race has no more rounds. */
const MAX_ROUNDS = 1_000;

/** Has all writers write at once, and answers with the version of the one that won, if one knows that it has. */
async function round(bench: Bench, key: string, version: string | null): Promise<string | undefined> {
  const { one, other } = bench;
  const before = await one.read(key);
  const writers = Array.from({ length: WRITERS }, (_, index) => newRecord(`writer ${index}`));
  const outcomes = await Promise.all(
    writers.map((record, index) => outcomeOf((index % 2 ? one : other).write(key, record, version))),
  );
  const winners = writers.filter((_, index) => typeof outcomes[index]!.value === "string");
  must(winners.length <= 1, `of ${WRITERS} writers at once one must win`, winners);
  const unknown = writers.filter((_, index) => !outcomes[index]!.isAnswered);
  const possible = (winners.length > 0 ? winners : unknown).map(bytesOf);
  must(possible.length > 0, `of ${WRITERS} writers at once one must win`, "all of them were answered null");
  const next = outcomes.find(({ value }) => typeof value === "string")?.value ?? undefined;
  for (const client of [one, other]) {
    const after = await client.read(key);
    // whoever was not answered may have written or not
    const isOld = winners.length === 0 && after?.version === before?.version;
    const isTheirs = after !== null && possible.some((record) => sameBytes(record, after.value));
    must(isOld || isTheirs, "after a race the record must be the winner's", after);
    must(!next || after?.version === next, `after a race the version must be the winner's, ${next}`, after);
  }
  return next;
}

/** Races again and again, as the settings say. */
async function race(bench: Bench, what: string, step: () => Promise<string | undefined>): Promise<void> {
  const { raceRounds, raceMs, report } = bench.settings;
  const startMs = performance.now();
  const elapsedMs = (): number => Math.round(performance.now() - startMs);
  let rounds = 0;
  let won = 0;
  do {
    if (await step() !== undefined) won++;
    rounds++;
  } while (raceRounds === undefined ? rounds < MAX_ROUNDS && elapsedMs() < raceMs : rounds < raceRounds);
  report?.(`${rounds} rounds of ${WRITERS} writers that ${what}, in ${elapsedMs()} ms`);
  must(won * 2 > rounds, "in most rounds of a race one writer must be told that it has won", `${won} of ${rounds}`);
}

async function createRace(bench: Bench): Promise<void> {
  await race(bench, "create a record", () => round(bench, bench.newKey(), null));
}

async function replaceRace(bench: Bench): Promise<void> {
  const key = bench.newKey();
  let version: string | undefined = await bench.one.mustWrite(key, newRecord("raced for"), null);
  const seen = new Set([version]);
  await race(bench, "replace a record", async () => {
    version = await round(bench, key, version ?? (await bench.one.mustRead(key)).version);
    must(!version || !seen.has(version), "a version must be another than all before it", version);
    if (version) seen.add(version);
    return version;
  });
}

/** Checks of writers at once. */
export const RACE_CHECKS: readonly Check[] = [
  { name: `a race of ${WRITERS} writers to create a record has one winner`, run: createRace },
  { name: `a race of ${WRITERS} writers to replace a record has one winner`, run: replaceRace },
];

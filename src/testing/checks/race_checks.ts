/**
 * Checks that exactly one of many concurrent writers succeeds.
 *
 * @module
 */
import type { Check, CheckContext } from "../check_context.ts";
import { newRecord } from "../records.ts";
import { bytesOf } from "../../store_check/bytes.ts";
import { settle } from "../../store_check/settle.ts";
import { requireThat, sameBytes } from "../../store_check/store_check_error.ts";

const WRITERS = 20;

/** How many rounds a race has at most, unless `raceRounds` is given. */
const MAX_ROUNDS = 1_000;

/** The result of one writer. */
interface WriterResult {
  readonly record: string;
  /** A version: it has won. `null`: it has lost. `undefined`: not known. */
  readonly newVersion: string | null | undefined;
}

/** Lets all writers write at once. Returns the version of the winner, if that is known. */
async function runRound(context: CheckContext, key: string, version: string | null): Promise<string | undefined> {
  const before = await context.one.read(key);
  const results = await writeConcurrently(context, key, version);
  const winners = results.filter(({ newVersion }) => typeof newVersion === "string");
  const [winner] = winners;
  const rule = `of ${WRITERS} concurrent writers one must win`;
  requireThat(winners.length <= 1, rule, winners.map(({ record }) => record));
  const unknown = results.filter(({ newVersion }) => newVersion === undefined);
  const candidates = winner ? [winner] : unknown;
  requireThat(candidates.length > 0, rule, "all of them got null");
  for (const client of [context.one, context.other]) {
    const after = await client.read(key);
    const isUnchanged = !winner && after?.version === before?.version;
    const isOfCandidate = after !== null &&
      candidates.some(({ record }) => sameBytes(bytesOf(record), after.value));
    requireThat(isUnchanged || isOfCandidate, "after a race the record must be the winner's", after);
    const isVersionOfWinner = !winner || after?.version === winner.newVersion;
    requireThat(isVersionOfWinner, `after a race the version must be the winner's, ${winner?.newVersion}`, after);
  }
  return winner?.newVersion ?? undefined;
}

async function writeConcurrently(
  { one, other }: CheckContext,
  key: string,
  version: string | null,
): Promise<WriterResult[]> {
  const records = Array.from({ length: WRITERS }, (_, index) => newRecord(`writer ${index}`));
  return await Promise.all(records.map(async (record, index) => {
    const client = index % 2 === 0 ? other : one;
    const { value } = await settle(client.write(key, record, version));
    return { record, newVersion: value };
  }));
}

/** Runs as many rounds as the settings say. */
async function race(
  { settings }: CheckContext,
  description: string,
  round: () => Promise<string | undefined>,
): Promise<void> {
  const { raceRounds, raceMs, report } = settings;
  const startMs = performance.now();
  const elapsedMs = (): number => Math.round(performance.now() - startMs);
  const isOver = (rounds: number): boolean =>
    raceRounds === undefined ? rounds >= MAX_ROUNDS || elapsedMs() >= raceMs : rounds >= raceRounds;
  let rounds = 0;
  let roundsWithWinner = 0;
  do {
    const winner = await round();
    rounds++;
    if (winner !== undefined) roundsWithWinner++;
  } while (!isOver(rounds));
  report?.(`${rounds} rounds of ${WRITERS} writers that ${description}, in ${elapsedMs()} ms`);
  const isMostlyWon = roundsWithWinner * 2 > rounds;
  requireThat(isMostlyWon, "in most rounds of a race one writer must win", `${roundsWithWinner} of ${rounds}`);
}

async function raceToCreate(context: CheckContext): Promise<void> {
  await race(context, "create a record", () => runRound(context, context.newKey(), null));
}

async function raceToReplace(context: CheckContext): Promise<void> {
  const key = context.newKey();
  let version: string | undefined = await context.one.mustWrite(key, newRecord("raced for"), null);
  const usedVersions = new Set([version]);
  await race(context, "replace a record", async () => {
    version ??= (await context.one.mustRead(key)).version;
    version = await runRound(context, key, version);
    if (version === undefined) return undefined;
    requireThat(!usedVersions.has(version), "a version must differ from all earlier ones", version);
    usedVersions.add(version);
    return version;
  });
}

/** Checks of concurrent writers. */
export const RACE_CHECKS: readonly Check[] = [
  { name: `one of ${WRITERS} concurrent writers creates a record`, run: raceToCreate },
  { name: `one of ${WRITERS} concurrent writers replaces a record`, run: raceToReplace },
];

/**
 * Checks that only a write with the current version succeeds.
 *
 * @module
 */
import type { Check, CheckContext } from "../check_context.ts";
import type { CheckedClient } from "../../store_check/checked_client.ts";
import { newRecord } from "../records.ts";
import { settle } from "../../store_check/settle.ts";
import { describeValue, requireThat } from "../../store_check/store_check_error.ts";

async function readsNoRecordAsNull({ one, other, newKey }: CheckContext): Promise<void> {
  const key = newKey();
  for (const client of [one, other, one]) {
    const entry = await client.read(key);
    requireThat(entry === null, "a key without a record must be read as null", entry);
  }
}

async function createsOnce({ one, other, newKey }: CheckContext): Promise<void> {
  const key = newKey();
  const record = newRecord("created");
  const version = await one.mustWrite(key, record, null);
  for (const client of [one, other]) {
    const second = await client.write(key, newRecord("created again"), null);
    requireThat(second === null, "a second create must return null", second);
    await client.mustFind(key, record, version, "after a second create");
  }
}

async function replacesOnce({ one, other, newKey }: CheckContext): Promise<void> {
  const key = newKey();
  const first = await one.mustWrite(key, newRecord("first"), null);
  const record = newRecord("second");
  const second = await other.mustWrite(key, record, first);
  requireThat(second !== first, `a replaced record must have another version than ${first}`, second);
  const again = await one.write(key, newRecord("second again"), first);
  requireThat(again === null, "a second replacement of the same version must return null", again);
  for (const client of [one, other]) await client.mustFind(key, record, second, "after it was replaced");
  await one.mustWrite(key, newRecord("third"), second);
}

async function rejectsOldVersions({ one, other, newKey }: CheckContext): Promise<void> {
  const key = newKey();
  let record = newRecord("generation 1");
  let version = await one.mustWrite(key, record, null);
  const oldVersions: string[] = [];
  for (let generation = 2; generation <= 5; generation++) {
    oldVersions.push(version);
    record = newRecord(`generation ${generation}`);
    version = await (generation % 2 ? one : other).mustWrite(key, record, version);
    const rule = `a version must differ from all earlier ones, ${describeValue(oldVersions)}`;
    requireThat(!oldVersions.includes(version), rule, version);
    for (const oldVersion of oldVersions) {
      for (const client of [one, other]) {
        const answer = await client.write(key, newRecord("outdated"), oldVersion);
        requireThat(answer === null, `a write with an old version, ${oldVersion}, must return null`, answer);
      }
    }
  }
  await one.mustFind(key, record, version, "after writes with old versions");
}

async function conflictsChangeNothing({ one, other, newKey }: CheckContext): Promise<void> {
  const key = newKey();
  const first = await one.mustWrite(key, newRecord("first"), null);
  const record = newRecord("second");
  const version = await one.mustWrite(key, record, first);
  for (const [operation, wrongVersion] of [["create", null], ["replacement", first]] as const) {
    await other.write(key, newRecord("conflicting"), wrongVersion);
    for (const client of [one, other]) await client.mustFind(key, record, version, `after a failed ${operation}`);
  }
  await other.mustWrite(key, newRecord("third"), version);
}

/** Versions of the same form that the store has not returned: with another first, last or additional character. */
function similarVersions(version: string): string[] {
  const replace = (character: string | undefined): string => {
    if (character !== undefined && /\d/.test(character)) return String((Number(character) + 1) % 10);
    return character?.toLowerCase() === "a" ? "b" : "a";
  };
  return [version.slice(0, -1) + replace(version.at(-1)), replace(version[0]) + version.slice(1), `${version}0`];
}

/** Versions that a store might treat as none, or as any. */
const SPECIAL_VERSIONS = ["", "0", "-1", "*", "null", "undefined"];

/** Makes a write that must not succeed; it may return null or throw. */
async function mustNotWrite(client: CheckedClient, key: string, version: string, description: string): Promise<void> {
  const { value = null } = await settle(client.write(key, newRecord("made up"), version));
  requireThat(value === null, `a write with ${description} must return null or reject`, value);
}

async function rejectsMadeUpVersions({ one, other, newKey }: CheckContext): Promise<void> {
  const [key, otherKey, unusedKey] = [newKey(), newKey(), newKey()];
  const record = newRecord("of this key");
  const first = await one.mustWrite(key, newRecord("first"), null);
  const version = await one.mustWrite(key, record, first);
  let otherVersion = await other.mustWrite(otherKey, newRecord("of another key"), null);
  for (let generation = 2; generation <= 4; generation++) {
    otherVersion = await other.mustWrite(otherKey, newRecord("of another key"), otherVersion);
  }
  const madeUp = [...similarVersions(version), ...SPECIAL_VERSIONS];
  const cases = [
    { wrongVersion: otherVersion, description: "the version of another key" },
    ...madeUp.map((wrongVersion) => ({ wrongVersion, description: `a made-up version, "${wrongVersion}",` })),
  ];
  for (const { wrongVersion, description } of cases) {
    if (wrongVersion !== version) await mustNotWrite(one, key, wrongVersion, description);
    await one.mustFind(key, record, version, `after a write with ${description}`);
    await mustNotWrite(other, unusedKey, wrongVersion, `${description} where there is no record`);
    const entry = await other.read(unusedKey);
    requireThat(entry === null, `a write with ${description} must not create a record`, entry);
  }
}

/** Checks of writes one after the other. */
export const WRITE_CHECKS: readonly Check[] = [
  { name: "read() returns null for a key without a record", run: readsNoRecordAsNull },
  { name: "write() creates a record once", run: createsOnce },
  { name: "write() replaces a version once", run: replacesOnce },
  { name: "write() returns null for an old version", run: rejectsOldVersions },
  { name: "a write that returns null changes nothing", run: conflictsChangeNothing },
  { name: "a made-up version writes nothing", run: rejectsMadeUpVersions },
];

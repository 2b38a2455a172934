/**
 * Checks that each write has a version of its own.
 *
 * @module
 */
import type { Check, CheckContext } from "../check_context.ts";
import { newRecord, statusRecord } from "../records.ts";
import { requireThat, sameBytes } from "../../store_check/store_check_error.ts";

async function versionsAreStrings({ one, other, newKey }: CheckContext): Promise<void> {
  const key = newKey();
  let version: string | null = null;
  for (let generation = 1; generation <= 3; generation++) {
    // the checked client rejects any other type
    version = await one.mustWrite(key, newRecord("versioned"), version);
    const entry = await other.mustRead(key);
    const rule = `read() must return the version that write() returned, ${version}`;
    requireThat(entry.version === version, rule, entry);
  }
}

/** Writes a record, a second one, and then a third that resembles the first: the version of the first must be outdated. */
async function firstVersionIsOutdated(
  { one, other, newKey }: CheckContext,
  firstRecord: Uint8Array,
  thirdRecord: Uint8Array,
): Promise<void> {
  const key = newKey();
  const first = await one.mustWrite(key, firstRecord, null);
  const second = await one.mustWrite(key, statusRecord(2, "B"), first);
  const third = await other.mustWrite(key, thirdRecord, second);
  const isSame = sameBytes(firstRecord, thirdRecord);
  const description = isSame ? "the same record written again" : "a record with another write id";
  requireThat(third !== first, `${description} must have another version than ${first}`, third);
  const answer = await one.write(key, statusRecord(3, "C"), first);
  requireThat(answer === null, `a write with the version before ${description} must return null`, answer);
  await other.mustFind(key, thirdRecord, third, "after a write with an old version");
}

async function sameRecordGetsNewVersion(context: CheckContext): Promise<void> {
  const { one, newKey } = context;
  const record = statusRecord(1, "A");
  await firstVersionIsOutdated(context, record, record);
  const key = newKey();
  const first = await one.mustWrite(key, record, null);
  const second = await one.mustWrite(key, record, first);
  requireThat(second !== first, `a record replaced by the same one must have another version than ${first}`, second);
  const answer = await one.write(key, record, first);
  requireThat(answer === null, "a write with an old version must return null, even of the same record", answer);
}

/** Checks of versions. */
export const VERSION_CHECKS: readonly Check[] = [
  { name: "versions are strings, the same from read() and write()", run: versionsAreStrings },
  {
    name: "an old version is outdated even if the records differ only by their write ids",
    run: (context) => firstVersionIsOutdated(context, statusRecord(1, "A"), statusRecord(1, "D")),
  },
  {
    name: "the same record written again has a new version",
    skipped: ({ equalBodiesMayShareVersions }) =>
      equalBodiesMayShareVersions ? "equalBodiesMayShareVersions is set" : undefined,
    run: sameRecordGetsNewVersion,
  },
];

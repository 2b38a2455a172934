/**
 * Checks that a version is a text that stands for one write and no other.
 *
 * @module
 */
import type { Bench, Check } from "../bench.ts";
import { must, sameBytes } from "../expectation.ts";
import { newRecord, statusRecord } from "../record.ts";

async function versionsAreTexts({ one, other, newKey }: Bench): Promise<void> {
  const key = newKey();
  let version: string | null = null;
  for (let generation = 1; generation <= 3; generation++) {
    // the client refuses any other answer
    version = await one.mustWrite(key, newRecord("versioned"), version);
    const entry = await other.mustRead(key);
    must(entry.version === version, `read() must answer the version that write() answered, ${version}`, entry);
  }
}

/** Replaces A by B and then by an A that is given, after which the first version of A must be stale. */
async function refusesOldVersion({ one, other, newKey }: Bench, a: Uint8Array, again: Uint8Array): Promise<void> {
  const key = newKey();
  const first = await one.mustWrite(key, a, null);
  const second = await one.mustWrite(key, statusRecord(2, "B"), first);
  const third = await other.mustWrite(key, again, second);
  const same = sameBytes(a, again) ? "the same record written again" : "a record with another write id";
  must(third !== first, `${same} must have another version than ${first}`, third);
  const answer = await one.write(key, statusRecord(3, "C"), first);
  must(answer === null, `a write with the version that ${same} had before must answer null`, answer);
  await other.mustFind(key, again, third, "after a write with an old version");
}

async function sameRecordSameVersionOnce(bench: Bench): Promise<void> {
  const { one, newKey } = bench;
  const record = statusRecord(1, "A");
  await refusesOldVersion(bench, record, record);
  const key = newKey();
  const first = await one.mustWrite(key, record, null);
  const second = await one.mustWrite(key, record, first);
  must(second !== first, `a record replaced by the same one must have another version than ${first}`, second);
  const answer = await one.write(key, record, first);
  must(answer === null, "a write with the version before must answer null, though the record is the same", answer);
}

/** Checks of versions. */
export const VERSION_CHECKS: readonly Check[] = [
  { name: "a version is a text that is not empty, the same for readers as for the writer", run: versionsAreTexts },
  {
    name: "an old version is refused though the record differs by its write id alone",
    run: (bench) => refusesOldVersion(bench, statusRecord(1, "A"), statusRecord(1, "D")),
  },
  {
    name: "an equal record written again has a new version",
    skipped: ({ equalBodiesMayShareVersions }) =>
      equalBodiesMayShareVersions ? "equalBodiesMayShareVersions is set" : undefined,
    run: sameRecordSameVersionOnce,
  },
];

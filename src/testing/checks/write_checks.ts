/**
 * Checks that a record is written by who knows its version, and by nobody else.
 *
 * @module
 */
import type { Bench, Check } from "../bench.ts";
import { type CheckedClient, outcomeOf } from "../checked_client.ts";
import { display, must } from "../expectation.ts";
import { newRecord } from "../record.ts";

async function noRecordIsNull({ one, other, newKey }: Bench): Promise<void> {
  const key = newKey();
  for (const client of [one, other, one]) {
    const entry = await client.read(key);
    must(entry === null, "a key without a record must read as null", entry);
  }
}

async function createsOnce({ one, other, newKey }: Bench): Promise<void> {
  const key = newKey();
  const record = newRecord("created");
  const version = await one.mustWrite(key, record, null);
  for (const client of [one, other]) {
    const second = await client.write(key, newRecord("created again"), null);
    must(second === null, "a second create must answer null", second);
    await client.mustFind(key, record, version, "after a second create");
  }
}

async function replacesOnce({ one, other, newKey }: Bench): Promise<void> {
  const key = newKey();
  const first = await one.mustWrite(key, newRecord("first"), null);
  const record = newRecord("second");
  const second = await other.mustWrite(key, record, first);
  must(second !== first, `a replaced record must have another version than ${first}`, second);
  const again = await one.write(key, newRecord("second again"), first);
  must(again === null, "a second replacement of the same version must answer null", again);
  for (const client of [one, other]) await client.mustFind(key, record, second, "after it was replaced");
  await one.mustWrite(key, newRecord("third"), second);
}

async function refusesStaleVersions({ one, other, newKey }: Bench): Promise<void> {
  const key = newKey();
  const stale: string[] = [];
  let version: string | null = null;
  let record = "";
  for (let generation = 1; generation <= 5; generation++) {
    record = newRecord(`generation ${generation}`);
    version = await (generation % 2 ? one : other).mustWrite(key, record, version);
    must(!stale.includes(version), `a version must be another than all before it, ${display(stale)}`, version);
    for (const old of stale) {
      for (const client of [one, other]) {
        const answer = await client.write(key, newRecord("stale"), old);
        must(answer === null, `a write with a stale version, ${old}, must answer null`, answer);
      }
    }
    stale.push(version);
  }
  await one.mustFind(key, record, version!, "after writes with stale versions");
}

async function refusedWritesChangeNothing({ one, other, newKey }: Bench): Promise<void> {
  const key = newKey();
  const first = await one.mustWrite(key, newRecord("first"), null);
  const record = newRecord("second");
  const version = await one.mustWrite(key, record, first);
  for (const [refused, wrong] of [["create", null], ["replacement", first]] as const) {
    await other.write(key, newRecord("refused"), wrong);
    for (const client of [one, other]) await client.mustFind(key, record, version, `after a refused ${refused}`);
  }
  await other.mustWrite(key, newRecord("third"), version);
}

/** The version with its first or last character replaced by another of its kind: well-formed, but never answered. */
function neighbours(version: string): string[] {
  const another = (sign: string): string => {
    if (/\d/.test(sign)) return String((Number(sign) + 1) % 10);
    return sign.toLowerCase() === "a" ? "b" : "a";
  };
  const last = version.length - 1;
  return [version.slice(0, last) + another(version[last]!), another(version[0]!) + version.slice(1), `${version}0`];
}

/** What a store may take for no version, or for any. */
const NO_VERSIONS = ["", "0", "-1", "*", "null", "undefined"];

/** A write that must have no effect; to refuse it by throwing is as good. */
async function mustNotWrite(client: CheckedClient, key: string, version: string, which: string): Promise<void> {
  const { value = null } = await outcomeOf(client.write(key, newRecord("made up"), version));
  must(value === null, `a write with ${which} must answer null or reject`, value);
}

async function refusesMadeUpVersions({ one, other, newKey }: Bench): Promise<void> {
  const [key, otherKey, unusedKey] = [newKey(), newKey(), newKey()];
  const record = newRecord("of this key");
  const first = await one.mustWrite(key, newRecord("first"), null);
  const version = await one.mustWrite(key, record, first);
  let ofOtherKey: string | null = null;
  for (let generation = 1; generation <= 4; generation++) {
    ofOtherKey = await other.mustWrite(otherKey, newRecord("of another key"), ofOtherKey);
  }
  const wrong: [version: string, which: string][] = [
    [ofOtherKey!, "the version of another key"],
    ...[...neighbours(version), ...NO_VERSIONS].map((
      made,
    ): [string, string] => [made, `a version made up, "${made}",`]),
  ];
  for (const [made, which] of wrong) {
    if (made !== version) await mustNotWrite(one, key, made, which);
    await one.mustFind(key, record, version, `after a write with ${which}`);
    await mustNotWrite(other, unusedKey, made, `${which} where there is no record`);
    const entry = await other.read(unusedKey);
    must(entry === null, `a write with ${which} must not create a record`, entry);
  }
}

/** Checks of single writes, one after the other. */
export const WRITE_CHECKS: readonly Check[] = [
  { name: "a key without a record reads as null", run: noRecordIsNull },
  { name: "a record is created once", run: createsOnce },
  { name: "a version is replaced once", run: replacesOnce },
  { name: "a stale version is refused", run: refusesStaleVersions },
  { name: "a refused write leaves the record and its version as they are", run: refusedWritesChangeNothing },
  { name: "a version that was never answered for the key writes nothing", run: refusesMadeUpVersions },
];

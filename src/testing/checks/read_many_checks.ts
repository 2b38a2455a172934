/**
 * Checks of the optional method readMany().
 *
 * @module
 */
import { bytesOf } from "../../store_check/bytes.ts";
import type { CheckedClient } from "../../store_check/checked_client.ts";
import { settle } from "../../store_check/settle.ts";
import { requireThat, sameBytes } from "../../store_check/store_check_error.ts";
import type { StatusEntry } from "../../store/store.ts";
import type { Check, CheckContext } from "../check_context.ts";
import { newRecord } from "../records.ts";
import { inBatches } from "./key_checks.ts";
import { SIMILAR_ENDINGS } from "./key_samples.ts";
import { mustReject, PROMPT_MS } from "./signal_checks.ts";

/** More than any store reads by one call. */
const MANY_KEYS = 500;

/** Every so many of the keys have a record, as a record is not written in an instant. */
const RECORD_DISTANCE = 20;

/** How often a record is replaced and read. */
const REPLACEMENTS = 10;

/** What was written at a key; `null` if nothing was. */
type Written = { readonly record: Uint8Array; readonly version: string } | null;

/** Requires that a client reads what was written, in the order of the keys. */
async function mustFindAll(client: CheckedClient, written: readonly (readonly [string, Written])[]): Promise<void> {
  const entries = await client.readMany(written.map(([key]) => key));
  for (const [index, [key, expected]] of written.entries()) {
    const entry = entries[index] ?? null;
    const rule = `readMany() must return what is at ${JSON.stringify(key)} at place ${index} of ${written.length}`;
    requireThat(isSame(entry, expected), rule, entry);
  }
}

function isSame(entry: StatusEntry | null, expected: Written): boolean {
  if (!entry || !expected) return entry === expected;
  return entry.version === expected.version && sameBytes(entry.value, expected.record);
}

async function mustWrite(client: CheckedClient, key: string): Promise<readonly [string, Written]> {
  const record = bytesOf(newRecord(key));
  return [key, { record, version: await client.mustWrite(key, record, null) }];
}

async function answersInOrder({ one, other, newKey }: CheckContext): Promise<void> {
  const first = await mustWrite(one, newKey());
  const second = await mustWrite(one, newKey());
  const absent = [newKey(), null] as const;
  for (const client of [one, other]) {
    await mustFindAll(client, []);
    await mustFindAll(client, [first]);
    await mustFindAll(client, [absent]);
    await mustFindAll(client, [second, absent, first]);
    await mustFindAll(client, [first, absent, second, first, absent, first]);
  }
}

async function readsAsRead({ one, other, keyStem }: CheckContext): Promise<void> {
  const keys: string[] = [];
  await inBatches(SIMILAR_ENDINGS.map((ending) => keyStem + ending), async (key) => {
    const { isFulfilled, value: version } = await settle(one.write(key, newRecord(key), null));
    // another check requires that the store accepts the key
    if (isFulfilled && version !== null) keys.push(key);
  });
  const entries = await other.readMany(keys);
  await inBatches(keys, async (key) => {
    const entry = entries[keys.indexOf(key)] ?? null;
    const { value: record, version, storeTime } = await one.mustRead(key);
    const rule = `readMany() must return the bytes and the version that read() returns at ${JSON.stringify(key)}`;
    requireThat(isSame(entry, { record, version }), rule, entry);
    const hasTime = entry?.storeTime !== undefined;
    requireThat(hasTime === (storeTime !== undefined), "readMany() must return a storeTime where read() does", entry);
  });
}

async function readsMany({ one, other, newKey }: CheckContext): Promise<void> {
  const written: (readonly [string, Written])[] = Array.from({ length: MANY_KEYS }, () => [newKey(), null]);
  const places = Array.from({ length: MANY_KEYS / RECORD_DISTANCE }, (_, count) => (count + 1) * RECORD_DISTANCE - 1);
  await inBatches(places, async (place) => {
    written[place] = await mustWrite(one, written[place]?.[0] ?? newKey());
  });
  await mustFindAll(other, written);
}

async function seesAnsweredWrites({ one, other, newKey }: CheckContext): Promise<void> {
  const [unchanged, [key, first]] = [await mustWrite(one, newKey()), await mustWrite(one, newKey())];
  let version = first?.version ?? null;
  for (let count = 0; count < REPLACEMENTS; count++) {
    const [writer, reader] = count % 2 === 0 ? [one, other] : [other, one];
    const record = bytesOf(newRecord(`replaced ${count}`));
    version = await writer.mustWrite(key, record, version);
    await mustFindAll(reader, [unchanged, [key, { record, version }]]);
  }
}

async function endsAtSignal({ one, other, newKey }: CheckContext): Promise<void> {
  const written = [await mustWrite(one, newKey()), await mustWrite(one, newKey())];
  const keys = written.map(([key]) => key);
  const aborted = AbortSignal.abort(new DOMException("aborted before the call", "AbortError"));
  for (const client of [one, other]) {
    const call = (): Promise<unknown> => client.readMany(keys, aborted);
    await mustReject("readMany() with an aborted signal", PROMPT_MS, call);
    await mustFindAll(client, written);
  }
}

/** Checks of reads of many records. */
export const READ_MANY_CHECKS: readonly Check[] = [
  {
    name: "readMany(), if the store has it, returns a record or null for each key, in their order",
    method: "readMany",
    run: answersInOrder,
  },
  { name: "readMany(), if the store has it, reads 500 keys", method: "readMany", run: readsMany },
  { name: "readMany(), if the store has it, returns what read() returns", method: "readMany", run: readsAsRead },
  {
    name: "readMany(), if the store has it, returns no older record than the last that was written",
    method: "readMany",
    run: seesAnsweredWrites,
  },
  { name: "readMany(), if the store has it, rejects when its signal aborts", method: "readMany", run: endsAtSignal },
];

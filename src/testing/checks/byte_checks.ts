/**
 * Checks that bytes come back as they were written.
 *
 * @module
 */
import type { Bench, Check } from "../bench.ts";
import { outcomeOf } from "../checked_client.ts";
import { must, sameBytes } from "../expectation.ts";
import { bytesOf, newRecord } from "../record.ts";

/** The most that a record takes. */
const MAX_BYTES = 4_096;

/** Bytes that tell what was done to them. */
const BYTES: readonly (readonly [what: string, bytes: Uint8Array])[] = [
  ["all 256 values", Uint8Array.from({ length: 256 }, (_, value) => value)],
  ["one zero", Uint8Array.of(0)],
  ["bytes that are no UTF-8", Uint8Array.of(0xff, 0xfe, 0xc0, 0x80, 0xed, 0xa0, 0x80)],
  ["a byte order mark", bytesOf("\ufeff{}")],
  ["line ends and blanks", bytesOf("\r\n \n\r\t {} \r\n\0")],
  ["a part of a multipart body", bytesOf("\r\n--boundary\r\nContent-Type: text/plain\r\n\r\n--boundary--\r\n")],
  ["text beyond ASCII", bytesOf("Zeit 時間 ⏰ e\u0301")],
  [`${MAX_BYTES} bytes of text`, bytesOf("x".repeat(MAX_BYTES))],
  [`${MAX_BYTES} bytes`, Uint8Array.from({ length: MAX_BYTES }, (_, index) => (index * 167 + (index >> 8)) % 256)],
];

async function bytesComeBack({ one, other, newKey }: Bench): Promise<void> {
  const key = newKey();
  let version: string | null = null;
  for (const [what, bytes] of BYTES) {
    version = await one.mustWrite(key, bytes, version);
    for (const client of [one, other]) {
      const entry = await client.mustRead(key);
      must(sameBytes(entry.value, bytes), `${what} must come back as they were written`, entry);
    }
  }
}

async function noBytesDoNotBlock({ one, other, newKey }: Bench): Promise<void> {
  const key = newKey();
  const first = await one.mustWrite(key, newRecord("not empty"), null);
  const emptied = await outcomeOf(one.write(key, new Uint8Array(0), first));
  if (emptied.isAnswered) {
    must(emptied.value !== null, "writing zero bytes with the version that stands must not be a conflict", null);
    const entry = await other.read(key);
    must(!entry?.value.length, "zero bytes must read as zero bytes or as null", entry);
  }
  // where zero bytes are refused, the record stands
  const found = await other.read(key);
  const record = newRecord("not empty any more");
  const last = await other.mustWrite(key, record, found?.version ?? null);
  await one.mustFind(key, record, last, "after zero bytes");
}

async function sharesNoMemory({ one, other, newKey }: Bench): Promise<void> {
  const key = newKey();
  const record = bytesOf(newRecord("as it was written"));
  const given = record.slice();
  const version = await one.mustWrite(key, given, null);
  must(sameBytes(given, record), "write() must leave the array that it is given as it is", given);
  given.fill(0x2d);
  for (const client of [one, other]) {
    await client.mustFind(key, record, version, "after the caller has changed the array that it wrote");
  }
  (await one.mustRead(key)).value.fill(0x2d);
  for (const client of [one, other]) {
    await client.mustFind(key, record, version, "after the caller has changed an array that it was given");
  }
}

async function writesViewsOnly({ one, other, newKey }: Bench): Promise<void> {
  const key = newKey();
  const around = bytesOf(`before ${newRecord("view")} after`);
  const view = around.subarray(7, around.length - 6);
  const version = await one.mustWrite(key, view, null);
  await other.mustFind(key, view, version, "when a part of a larger buffer was written");
}

/** Checks of bytes. */
export const BYTE_CHECKS: readonly Check[] = [
  { name: "bytes come back unchanged", run: bytesComeBack },
  { name: "zero bytes are taken or refused, and the key stays usable", run: noBytesDoNotBlock },
  { name: "no array is shared with the caller", run: sharesNoMemory },
  { name: "a view of a larger buffer is written as the view alone", run: writesViewsOnly },
];

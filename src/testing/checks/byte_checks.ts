/**
 * Checks that a store returns the bytes that were written.
 *
 * @module
 */
import type { Check, CheckContext } from "../check_context.ts";
import { newRecord } from "../records.ts";
import { bytesOf } from "../../store_check/bytes.ts";
import { settle } from "../../store_check/settle.ts";
import { requireThat, sameBytes } from "../../store_check/store_check_error.ts";

/** The longest record. */
const MAX_BYTES = 4_096;

/** Bytes that a wrong conversion would change. */
const SAMPLES: readonly (readonly [description: string, bytes: Uint8Array])[] = [
  ["all 256 values", Uint8Array.from({ length: 256 }, (_, value) => value)],
  ["one zero", Uint8Array.of(0)],
  ["bytes that are not UTF-8", Uint8Array.of(0xff, 0xfe, 0xc0, 0x80, 0xed, 0xa0, 0x80)],
  ["a byte order mark", bytesOf("\ufeff{}")],
  ["line ends and spaces", bytesOf("\r\n \n\r\t {} \r\n\0")],
  ["a part of a multipart body", bytesOf("\r\n--boundary\r\nContent-Type: text/plain\r\n\r\n--boundary--\r\n")],
  ["text beyond ASCII", bytesOf("Zeit 時間 ⏰ e\u0301")],
  [`${MAX_BYTES} bytes of text`, bytesOf("x".repeat(MAX_BYTES))],
  [`${MAX_BYTES} bytes`, Uint8Array.from({ length: MAX_BYTES }, (_, index) => (index * 167 + (index >> 8)) % 256)],
];

async function returnsTheBytes({ one, other, newKey }: CheckContext): Promise<void> {
  const key = newKey();
  let version: string | null = null;
  for (const [description, bytes] of SAMPLES) {
    version = await one.mustWrite(key, bytes, version);
    for (const client of [one, other]) {
      const entry = await client.mustRead(key);
      requireThat(sameBytes(entry.value, bytes), `${description} must be read as they were written`, entry);
    }
  }
}

async function staysUsableAfterZeroBytes({ one, other, newKey }: CheckContext): Promise<void> {
  const key = newKey();
  const first = await one.mustWrite(key, newRecord("not empty"), null);
  const emptied = await settle(one.write(key, new Uint8Array(0), first));
  if (emptied.isFulfilled) {
    requireThat(emptied.value !== null, "a write of zero bytes with the current version must not be a conflict", null);
    const entry = await other.read(key);
    requireThat(!entry?.value.length, "zero bytes must be read as zero bytes or as null", entry);
  }
  // if the store rejects zero bytes, the first record is still there
  const current = await other.read(key);
  const record = newRecord("not empty any more");
  const last = await other.mustWrite(key, record, current?.version ?? null);
  await one.mustFind(key, record, last, "after a write of zero bytes");
}

async function sharesNoArrays({ one, other, newKey }: CheckContext): Promise<void> {
  const key = newKey();
  const record = bytesOf(newRecord("as it was written"));
  const passed = record.slice();
  const version = await one.mustWrite(key, passed, null);
  requireThat(sameBytes(passed, record), "write() must not change the array of the caller", passed);
  passed.fill(0x2d);
  for (const client of [one, other]) {
    await client.mustFind(key, record, version, "after the caller has changed the array that it wrote");
  }
  const { value } = await one.mustRead(key);
  value.fill(0x2d);
  for (const client of [one, other]) {
    await client.mustFind(key, record, version, "after the caller has changed the array that it read");
  }
}

async function writesViews({ one, other, newKey }: CheckContext): Promise<void> {
  const key = newKey();
  const [before, record, after] = ["before ", newRecord("view"), " after"];
  const buffer = bytesOf(before + record + after);
  const view = buffer.subarray(before.length, before.length + record.length);
  const version = await one.mustWrite(key, view, null);
  await other.mustFind(key, record, version, "after a write of a part of a larger buffer");
}

/** Checks of bytes. */
export const BYTE_CHECKS: readonly Check[] = [
  { name: "read() returns the bytes that were written", run: returnsTheBytes },
  { name: "a key stays usable after a write of zero bytes", run: staysUsableAfterZeroBytes },
  { name: "arrays are not shared with the caller", run: sharesNoArrays },
  { name: "a view of a larger buffer is written without the rest of the buffer", run: writesViews },
];

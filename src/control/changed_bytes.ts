/**
 * Changes fields in the bytes of a record.
 *
 * @module
 */
import { cannot } from "../errors.ts";
import { newId } from "../record/ids.ts";
import { MAX_BYTES, serialiseRecord, SHORT_ERROR_LENGTH } from "../record/serialise.ts";
import { NEVER_RUN } from "../record/status_record.ts";

/** The new values of fields. A field that is `undefined` is removed. */
export type FieldChanges = Readonly<Record<string, string | undefined>>;

/** Returns the bytes of a record before the first run. */
export function neverRunBytes(): Uint8Array {
  return serialiseRecord({ ...NEVER_RUN, write: newId() });
}

/**
 * Returns the bytes of a record with some changes and a new write id. All other fields stay the same, also unknown ones.
 *
 * @param value The bytes of a record.
 * @param changes The changes.
 * @param doing The failed action, as an error names it after "Cannot".
 * @throws {RangeError} If the change makes the record longer than 4 KiB, even with a shortened error.
 */
export function changedBytes(value: Uint8Array, changes: FieldChanges, doing: string): Uint8Array {
  const fields = { ...JSON.parse(new TextDecoder().decode(value)), ...changes, write: newId() };
  const bytes = encode(fields);
  if (bytes.length <= MAX_BYTES) return bytes;
  const shorter = encode({ ...fields, error: shortened(fields.error) });
  if (shorter.length <= Math.max(MAX_BYTES, value.length)) return shorter;
  throw new RangeError(cannot(doing, `its record must have at most ${MAX_BYTES} bytes`, shorter.length));
}

function encode(fields: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(fields));
}

function shortened(error: unknown): unknown {
  return typeof error === "string" ? error.slice(0, SHORT_ERROR_LENGTH) : error;
}

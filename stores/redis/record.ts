/**
 * Records as the fields of a hash.
 *
 * @module
 */
import { cannot } from "../../src/errors.ts";
import type { StatusEntry } from "../../src/store/store.ts";

/** A value as text: UTF-8 as it is, so that people can read it, and all other bytes in base64. */
export interface EncodedValue {
  readonly encoding: "utf-8" | "base64";
  readonly value: string;
}

const BYTE_ORDER_MARK = "\ufeff";

/** Whether a value can be the version of a record: a random id, new with each write. */
export function isVersion(value: unknown): value is string {
  return typeof value === "string" && /^[\da-f]{22}$/.test(value);
}

/** Encodes a value. */
export function encodeValue(bytes: Uint8Array): EncodedValue {
  const value = utf8In(bytes);
  // some decoders drop the mark
  if (value !== undefined && !value.startsWith(BYTE_ORDER_MARK)) return { encoding: "utf-8", value };
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return { encoding: "base64", value: btoa(binary) };
}

/**
 * The record in the answer of the read script; `null` if there is none.
 *
 * Any other data belongs to another program. It becomes a text that is not a record, at a version that no write accepts.
 */
export function entryIn(answer: unknown, action: string): StatusEntry | null {
  const [seconds, microseconds, kind, version, encoding, value] = Array.isArray(answer) ? answer.map(String) : [];
  const storeTime = Number(seconds) * 1_000 + Number(microseconds) / 1_000;
  if (!Number.isFinite(storeTime) || kind === undefined) {
    throw new TypeError(cannot(action, "the answer must hold the server's time and a record", answer));
  }
  if (kind === "none") return null;
  const bytes = kind === "record" && isVersion(version) ? decodeValue(encoding, value) : undefined;
  if (bytes && version !== undefined) return { value: bytes, version, storeTime };
  const remark = kind === "record" ? "a hash with other values" : `of type ${kind}`;
  return { value: new TextEncoder().encode(`not a record but ${remark}`), version: `foreign ${kind}`, storeTime };
}

/** The records in the answer of the script that reads so many. */
export function entriesIn(answer: unknown, count: number, action: string): (StatusEntry | null)[] {
  if (Array.isArray(answer) && answer.length === count) return answer.map((entry) => entryIn(entry, action));
  throw new TypeError(cannot(action, `the answer must hold ${count} records`, answer));
}

/** The bytes of a value; `undefined` if it was not encoded here. */
function decodeValue(encoding: string | undefined, value = ""): Uint8Array | undefined {
  if (encoding === "utf-8") return new TextEncoder().encode(value);
  if (encoding !== "base64") return undefined;
  try {
    return Uint8Array.from(atob(value), (character) => character.charCodeAt(0));
  } catch {
    return undefined;
  }
}

function utf8In(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

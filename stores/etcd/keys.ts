/**
 * Keys of etcd, which are bytes.
 *
 * @module
 */
import { base64Of, bytesOfBase64 } from "../http/base64.ts";

const DECODER = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** A range of keys in base64, as requests have it. */
export interface KeyRange {
  readonly key: string;
  /** The first key that is not in the range; a zero byte if there is none. */
  readonly range_end: string;
}

/** A key in base64, as requests have it. */
export function encodedKey(key: string): string {
  return base64Of(new TextEncoder().encode(key));
}

/** All keys that begin with a text. */
export function rangeOf(prefix: string): KeyRange {
  const bytes = new TextEncoder().encode(prefix);
  if (bytes.length === 0) return { key: base64Of(new Uint8Array(1)), range_end: base64Of(new Uint8Array(1)) };
  const end = bytes.slice();
  // no byte of UTF-8 is 0xff
  end[end.length - 1] = (end.at(-1) ?? 0) + 1;
  return { key: base64Of(bytes), range_end: base64Of(end) };
}

/** The key that follows directly after one, both in base64; `undefined` if it is no base64. */
export function nextKey(encoded: unknown): string | undefined {
  const bytes = bytesOfBase64(encoded);
  if (!bytes) return undefined;
  const next = new Uint8Array(bytes.length + 1);
  next.set(bytes);
  return base64Of(next);
}

/** The name of a task in a key in base64, if it begins with the prefix and is UTF-8. */
export function nameIn(encoded: unknown, prefix: string): string | undefined {
  try {
    const key = DECODER.decode(bytesOfBase64(encoded));
    return key.startsWith(prefix) && key.length > prefix.length ? key.slice(prefix.length) : undefined;
  } catch {
    // a key of another program
    return undefined;
  }
}

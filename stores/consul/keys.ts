/**
 * Keys of Consul, and which tasks they belong to.
 *
 * @module
 */
import { percentEncode } from "../http/url.ts";

/**
 * The part of a key for the name of a task. Agents refuse characters that they can't print, and shorten paths with `//` and `..`.
 */
export function encodeName(name: string): string {
  const encoded = percentEncode(name);
  return /^\.{1,2}$/.test(encoded) ? encoded.replaceAll(".", "%2E") : encoded;
}

/** The name of the task of a key; `undefined` if it has none. */
export function nameIn(key: unknown, prefix: string): string | undefined {
  if (typeof key !== "string" || !key.startsWith(prefix)) return undefined;
  const encoded = key.slice(prefix.length);
  try {
    const name = decodeURIComponent(encoded);
    return name !== "" && encodeName(name) === encoded ? name : undefined;
  } catch {
    // a key of another program
    return undefined;
  }
}

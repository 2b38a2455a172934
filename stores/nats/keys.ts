/**
 * Keys of JetStream, and which tasks they belong to.
 *
 * @module
 */
import { base64Of, bytesOfBase64 } from "../http/base64.ts";

/** Names that are keys as they are. A dot would separate parts of a subject. */
const PLAIN = /^[\w/-]+$/;

const DECODER = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * The part of a key for the name of a task: the name itself, or `=` and its UTF-8 in base64 for URLs if it has other characters than
 * letters, digits and `-_/`, which JetStream mostly refuses.
 */
export function encodeName(name: string): string {
  if (PLAIN.test(name)) return name;
  const base64 = base64Of(new TextEncoder().encode(name));
  return `=${base64.replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "")}`;
}

/** The name of the task of a key; `undefined` if it has none. */
export function nameIn(key: string, prefix: string): string | undefined {
  if (!key.startsWith(prefix)) return undefined;
  const encoded = key.slice(prefix.length);
  if (!encoded.startsWith("=")) return PLAIN.test(encoded) ? encoded : undefined;
  try {
    const base64 = encoded.slice(1).replaceAll("-", "+").replaceAll("_", "/");
    const name = DECODER.decode(bytesOfBase64(base64));
    return name !== "" && encodeName(name) === encoded ? name : undefined;
  } catch {
    // a key of another program
    return undefined;
  }
}

/**
 * The names of entities and documents.
 *
 * @module
 */
import { cannot } from "../../src/errors.ts";

const MAX_NAME_BYTES = 1_500;

/** Names with a meaning of their own: in a path, or for the service. */
const RESERVED_NAME = /^(?:\.\.?|__.*__)$/s;

/**
 * The name for a key. `%` and `/` are percent-encoded. If the result is reserved, its first character is too. So each key has a
 * name of its own, and most keys are their name.
 *
 * @param key The key.
 * @param action The failed action, as the error message names it after "Cannot".
 * @throws {RangeError} If the key is empty, not Unicode text, or too long.
 */
export function nameOf(key: string, action: string): string {
  const name = encodedName(key);
  const bytes = new TextEncoder().encode(name).length;
  if (bytes > MAX_NAME_BYTES) {
    throw new RangeError(cannot(action, `its name must take at most ${MAX_NAME_BYTES} bytes`, bytes));
  }
  if (name === "" || hasLoneSurrogate(name)) {
    throw new RangeError(cannot(action, "it must be Unicode text and not empty", key));
  }
  return name;
}

/** The key whose name this is; `undefined` if no key has this name, as it was given by another program. */
export function keyOf(name: string): string | undefined {
  const key = name.replace(/%([\dA-F]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
  return encodedName(key) === name ? key : undefined;
}

function encodedName(key: string): string {
  const encoded = key.replace(/[%/]/g, percentEncode);
  return RESERVED_NAME.test(encoded) ? encoded.replace(/^./, percentEncode) : encoded;
}

/**
 * Checks the name of a kind or a collection, which is used without encoding.
 *
 * @throws {RangeError} If it can't be used.
 */
export function checkName(value: string, option: string, action: string): void {
  const bytes = new TextEncoder().encode(value).length;
  const isValid = value !== "" && bytes <= MAX_NAME_BYTES && !RESERVED_NAME.test(value) && !/[%/]/.test(value);
  if (isValid && !hasLoneSurrogate(value)) return;
  const state = `"${option}" must be 1 to ${MAX_NAME_BYTES} bytes without "%" and "/", and not "__" at both ends`;
  throw new RangeError(cannot(action, state, value));
}

/** Lone surrogates have no UTF-8: a service would store all of them as the same character. */
function hasLoneSurrogate(text: string): boolean {
  return /\p{Surrogate}/u.test(text);
}

function percentEncode(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
}

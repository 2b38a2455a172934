/**
 * Keys as names of entities and documents.
 *
 * @module
 */
import { refuse } from "../../src/errors.ts";

const MAX_ID_BYTES = 1_500;

/** Names that the services keep for themselves, or that mean something in a path. */
const RESERVED = /^(?:\.\.?|__.*__)$/s;

/**
 * The name that stands for a key. `%` and `/` are percent-encoded in it, and the first character is if the name were else `.`,
 * `..` or `__` at both ends: so each key has a name, no two have the same, and most are their own.
 *
 * @param key The key.
 * @param doing What is refused if there is no name, as messages say it after "Cannot".
 * @throws {RangeError} If the key is empty, no Unicode text, or longer than names can be.
 */
export function idOf(key: string, doing: string): string {
  const encoded = key.replace(/[%/]/g, percent);
  const id = RESERVED.test(encoded) ? encoded.replace(/^./, percent) : encoded;
  const bytes = new TextEncoder().encode(id).length;
  if (bytes > MAX_ID_BYTES) refuse(RangeError, `it takes more than ${MAX_ID_BYTES} bytes`, `${bytes} bytes`, doing);
  if (id === "" || /\p{Surrogate}/u.test(id)) refuse(RangeError, "it must be Unicode text and not empty", key, doing);
  return id;
}

/**
 * Checks what stands before names.
 *
 * @throws {RangeError} If it can't be taken as it is.
 */
export function checkId(value: string, option: string, doing: string): void {
  const isTaken = RESERVED.test(value) || /[%/]|\p{Surrogate}/u.test(value);
  if (isTaken || value === "" || new TextEncoder().encode(value).length > MAX_ID_BYTES) {
    const state = `"${option}" must be 1 to ${MAX_ID_BYTES} bytes without "%" and "/", and not "__" at both ends`;
    refuse(RangeError, state, value, doing);
  }
}

function percent(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
}

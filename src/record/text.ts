/**
 * Texts in a status record.
 *
 * @module
 */

/** The maximum number of characters of an error in a record. */
export const MAX_ERROR_LENGTH = 500;

/** The maximum number of characters of the name of an instance or a person, and of the reason of a pause. */
export const MAX_TEXT_LENGTH = 100;

/**
 * Matches control characters and lone surrogates. JSON writes each in up to six bytes. Control characters break log lines.
 *
 * It is made when it is needed: of all values that could be made at import, it takes longest, for its classes of characters.
 */
function unprintable(): RegExp {
  return /[\p{Cc}\p{Cs}]/gu;
}

/** Returns whether a text has neither control characters nor lone surrogates. */
export function isPrintable(text: string): boolean {
  return text.search(unprintable()) < 0;
}

/** Returns a text for a record: its first characters, on one line. */
export function printableText(text: string, maxLength: number): string {
  return text.slice(0, maxLength).replace(unprintable(), " ");
}

/**
 * Removes secrets from texts.
 *
 * @module
 */

/** Shorter parts of a secret may be shown. */
const MIN_PART_LENGTH = 8;

/** Only this much of a text is searched for parts of secrets, as the search takes time. */
const MAX_SEARCHED_LENGTH = 2_000;
const MAX_SHOWN_LENGTH = 200;

/** Replaces each character of a secret. */
const HIDDEN = "\0";

/** The ways in which a server may write a secret. */
function encodingsOf(secret: string): string[] {
  const formEncoded = new URLSearchParams({ "": secret }).toString().slice(1);
  const jsonEncoded = JSON.stringify(secret).slice(1, -1);
  return [secret, formEncoded, jsonEncoded];
}

/**
 * A text as an error may show it: on one line, at most 200 characters, without any part of a secret.
 *
 * @param text The text of a server.
 * @param secrets The secrets that the server knows.
 */
export function redact(text: string, secrets: readonly string[]): string {
  const searched = text.slice(0, MAX_SEARCHED_LENGTH).replaceAll(HIDDEN, " ");
  const isHidden = new Array<boolean>(searched.length).fill(false);
  for (const secret of secrets.flatMap(encodingsOf)) {
    const length = Math.min(MIN_PART_LENGTH, secret.length);
    for (let start = 0; length > 0 && start + length <= searched.length; start++) {
      if (secret.includes(searched.slice(start, start + length))) isHidden.fill(true, start, start + length);
    }
  }
  const visible = Array.from(isHidden, (hidden, index) => hidden ? HIDDEN : searched[index]).join("");
  // deno-lint-ignore no-control-regex
  const oneLine = visible.replace(/\0+/g, "[secret]").replace(/[\s\x01-\x1f\x7f]+/g, " ");
  return oneLine.trim().slice(0, MAX_SHOWN_LENGTH);
}

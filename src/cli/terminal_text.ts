/**
 * Texts of others on a terminal: the names, errors and instances in records may hold escape sequences.
 *
 * @module
 */

/** Escape sequences of terminals: CSI, OSC and other strings, and two-character sequences. */
const SEQUENCES = // deno-lint-ignore no-control-regex
  /(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]|(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c|$)|\x1b[ -/]*[0-~]/g;

/** Line breaks and tabs, which are shown as a space. */
const SPACES = /[\t\n\v\f\r\u0085\u2028\u2029]+/g;

/** Control characters, lone surrogates, and characters that change the direction of text or are not seen. */
const UNSAFE = /[\p{Cc}\p{Cs}\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/gu;

/**
 * Returns a text of others on one line, without anything that a terminal obeys. Escape sequences are removed, and other control
 * characters replaced by `\ufffd`.
 */
export function safeText(text: string): string {
  return text.replace(SEQUENCES, "").replace(SPACES, " ").replace(UNSAFE, "\ufffd");
}

/** Returns a value as JSON in which terminals find nothing to obey. */
export function safeJson(value: unknown, indent?: number): string {
  return JSON.stringify(value, null, indent).replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, (character) => {
    // the line breaks of an indented text
    if (character === "\n") return character;
    return [...Array(character.length).keys()]
      .map((index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, "0")}`).join("");
  });
}

/** Characters that take two columns: those of East Asia, and pictographs. */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|[\u{1f300}-\u{1f64f}\u{1f680}-\u{1faff}\u{20000}-\u{3fffd}]/u;

const NO_WIDTH = /\p{Mn}|\p{Me}|\p{Cf}/u;

/** Returns the number of columns that a safe text takes. */
export function widthOf(text: string): number {
  let width = 0;
  for (const character of text) width += characterWidth(character);
  return width;
}

function characterWidth(character: string): number {
  if (character < "\u0300") return 1;
  if (NO_WIDTH.test(character)) return 0;
  return WIDE.test(character) ? 2 : 1;
}

/** Returns a safe text cut to a number of columns. The last one is `…` if something was cut. */
export function cutTo(text: string, columns: number): string {
  if (widthOf(text) <= columns) return text;
  let kept = "";
  let width = 0;
  for (const character of text) {
    width += characterWidth(character);
    if (width > columns - 1) break;
    kept += character;
  }
  return columns > 0 ? `${kept}…` : "";
}

/** Returns a safe text filled up with spaces to a number of columns. */
export function padTo(text: string, columns: number): string {
  return text + " ".repeat(Math.max(0, columns - widthOf(text)));
}

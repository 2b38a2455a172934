/**
 * Keys that stores are known to confuse, change or reject.
 *
 * @module
 */

/** The longest name of a task. */
const MAX_KEY_LENGTH = 500;

/** Endings of keys that differ only in letter case, spaces, escapes, path segments or encodings. */
export const SIMILAR_ENDINGS: readonly string[] = [
  ...["", "a", "A", "aa", " a", "a ", "  a", "a\u00a0", "\ufeffa", "a\u200b", "a\u0301", "\u00e1", "a\u2028"],
  ...["/", "//", "/a", "//a", "/a/", "/A", "a/", "/b", "/./b", "/a/b", "/a//b", "/a/./b", "/a/../b", "/..", "/../b"],
  ...[".", "..", "...", "/.", "\\", "\\a", "a\\b", "%", "%%", "%2F", "%2f", "%252F", "%00", "%61", "%C3%A1", "%zz"],
  ...["+", " ", "%20", "a+b", "a b", "a%20b", "a%2Bb", "?", "a?b=c", "a?b", "#", "a#b", "&", "=", ";", ",", ":", "@"],
  ...["'", '"', "`", "a'b", 'a"b', "''", "$", "${a}", "{a}", "[a]", "[0]", "<a>", "(a)", "*", "!", "~", "^", "|"],
  ...["ss", "\u00df", "SS", "i", "\u0131", "I", "\u0130", "fi", "\ufb01", "\u00c5", "A\u030a", "\u212b", "\uff41"],
  ...[
    "\u65e5\u672c",
    "\u65e5\u672c\u8a9e",
    "\u0639",
    "\u202ea",
    "\ufffd",
    "\ue000",
    "\u{1f600}",
    "\u{1f601}",
    "\uf600",
  ],
  ...["\u{1f469}\u{1f469}", "\u{1f469}\u200d\u{1f469}", "\u{10ffff}", "\u2603", "\u2603\ufe0f"],
];

/** Keys with a special meaning in paths, patterns or objects. Other checks use them, too. */
export const SPECIAL_KEYS: readonly string[] = [
  ".",
  "..",
  "/",
  "//",
  "/.",
  "*",
  "%",
  " ",
  "0",
  "__proto__",
  "constructor",
];

/** A key of one random CJK ideograph. No normalisation changes it, and no task is likely to have this name. */
export function randomCharacter(): string {
  const [first, last] = [0x4e00, 0x9fff];
  return String.fromCharCode(first + Math.floor(Math.random() * (last - first)));
}

/**
 * Keys of up to 500 characters.
 *
 * @param stem The beginning of the keys, in ASCII.
 * @returns The keys. Those of the same length differ only at the end.
 */
export function longKeys(stem: string): string[] {
  const keyOf = (length: number, filler: string, ending: string): string => {
    const filled = stem + filler.repeat(Math.ceil((length - stem.length) / filler.length));
    return filled.slice(0, length - ending.length) + ending;
  };
  const asciiKeys = [100, 255, 256, 499, MAX_KEY_LENGTH].flatMap((length) =>
    ["y", "z"].map((ending) => keyOf(length, "x", ending))
  );
  const twoAndThreeByteKeys = ["\u00e9", "\u65e5"].flatMap((filler) =>
    ["y", "z"].map((ending) => keyOf(MAX_KEY_LENGTH, filler, ending))
  );
  // the length keeps surrogate pairs whole
  const fourByteKeys = ["yy", "zz"].map((ending) => keyOf(MAX_KEY_LENGTH - stem.length % 2, "\u{1f600}", ending));
  return [...asciiKeys, ...twoAndThreeByteKeys, ...fourByteKeys];
}

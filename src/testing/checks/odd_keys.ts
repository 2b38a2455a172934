/**
 * Names of tasks that stores are known to stumble over.
 *
 * @module
 */

/** No name of a task is longer. */
export const MAX_KEY_LENGTH = 500;

/** After the same beginning, names that a store might take for each other. */
export const ALIKE: readonly string[] = [
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

/** Names that are odd as a whole; others may have used them before. */
export const ODD_ALONE: readonly string[] = [
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

/** A character of which each stands for itself alone, whatever a store does to names; nobody's task is called so. */
export function randomCharacter(): string {
  const ideographs = 0x9fff - 0x4e00;
  return String.fromCharCode(0x4e00 + Math.floor(Math.random() * ideographs));
}

/**
 * Names of all lengths, up to the longest.
 *
 * @param stem What they begin with, in ASCII.
 * @returns The names. Those of the same length differ in the last character alone.
 */
export function namesByLength(stem: string): string[] {
  const filled = (length: number, fill: string, end: string): string =>
    (stem + fill.repeat(Math.ceil((length - stem.length) / fill.length))).slice(0, length - end.length) + end;
  return [
    ...[100, 255, 256, 499, MAX_KEY_LENGTH].flatMap((length) => ["y", "z"].map((end) => filled(length, "x", end))),
    // two, three and four bytes of UTF-8 a character or pair
    ...["\u00e9", "\u65e5"].flatMap((fill) => ["y", "z"].map((end) => filled(MAX_KEY_LENGTH, fill, end))),
    // a pair must not be cut
    ...["yy", "zz"].map((end) => filled(MAX_KEY_LENGTH - stem.length % 2, "\u{1f600}", end)),
  ];
}

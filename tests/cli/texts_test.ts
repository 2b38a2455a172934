import { assert, assertEquals, assertThrows } from "@std/assert";
import * as fc from "fast-check";
import { parseDuration, relativeTime, shortDuration } from "../../src/cli/duration_text.ts";
import { redactionOf, shownAddress } from "../../src/cli/secrets.ts";
import { styleOf } from "../../src/cli/style.ts";
import { tableLines } from "../../src/cli/table.ts";
import { cutTo, padTo, safeJson, safeText, widthOf } from "../../src/cli/terminal_text.ts";
import { UsageError } from "../../src/cli/usage_error.ts";
import { Output } from "./setup.ts";

Deno.test("parseDuration() reads units from days to milliseconds", () => {
  const rows = { "90s": 90_000, "10m": 600_000, "1h30m": 5_400_000, "1d": 86_400_000, "1.5s": 1_500, "250ms": 250 };
  for (const [text, ms] of Object.entries(rows)) assertEquals(parseDuration(text, "every", "run"), ms);
});

Deno.test("parseDuration() refuses everything else", () => {
  for (const text of ["", "10", "m", "-1m", "0s", "30m1h", "1 h", "1w", "NaNs", "1e3s", "99999999999d"]) {
    assertThrows(() => parseDuration(text, "every", "run"), UsageError, "--every must be a duration such as 90s");
  }
});

Deno.test("shortDuration() has at most two units, and is read back by parseDuration()", () => {
  const rows: [number, string][] = [
    [0, "0ms"],
    [40, "40ms"],
    [1_240, "1.2s"],
    [9_960, "10s"],
    [59_600, "1m"],
    [61_000, "1m1s"],
    [3_600_000, "1h"],
    [5_400_000, "1h30m"],
    [90_000_000, "1d1h"],
  ];
  for (const [ms, text] of rows) {
    assertEquals(shortDuration(ms), text);
    if (ms > 0) parseDuration(text, "every", "run");
  }
});

Deno.test("relativeTime() is rounded down to seconds", () => {
  assertEquals(relativeTime(new Date(65_900), 0), "in 1m5s");
  assertEquals(relativeTime(new Date(0), 3_999), "3s ago");
  assertEquals(relativeTime(new Date(500), 0), "now");
});

const HOSTILE: Readonly<Record<string, string>> = {
  "\x1b[31mred\x1b[0m": "red",
  "\x1b]0;title\x07name": "name",
  "\x1b]8;;https://example.com\x1b\\link\x1b]8;;\x1b\\": "link",
  "\x9b31mred": "red",
  "\x1bPdcs\x1b\\a": "a",
  "\x1b[?1049h\x1b[2Ja": "a",
  "\x1bca": "a",
  "a\nb\r\nc\td": "a b c d",
  "a\x00b\x07\x08c\x7f": "a\ufffdb\ufffd\ufffdc\ufffd",
  "a\u202eb\u2066c": "a\ufffdb\ufffdc",
  "lone \ud800": "lone \ufffd",
  "Größe 日本 😀": "Größe 日本 😀",
};

Deno.test("safeText() removes what a terminal obeys, and keeps words", () => {
  for (const [text, safe] of Object.entries(HOSTILE)) assertEquals(safeText(text), safe);
});

Deno.test("safeText() and safeJson() leave no control character in any text", () => {
  const character = fc.constantFrom(
    "\x1b",
    "\x9b",
    "[",
    "]",
    "3",
    ";",
    "m",
    "\x07",
    "\\",
    "P",
    "\n",
    "a",
    "\x9d",
    "\u202e",
  );
  fc.assert(fc.property(fc.array(character), (characters) => {
    const text = characters.join("");
    // deno-lint-ignore no-control-regex
    const control = /[\x00-\x1f\x7f-\x9f\u202e]/;
    assert(!control.test(safeText(text)));
    assert(!control.test(safeJson({ text })));
    assertEquals(JSON.parse(safeJson({ text }, 2)), { text });
  }));
});

Deno.test("widthOf(), cutTo() and padTo() count columns, not characters", () => {
  assertEquals(widthOf("日本a"), 5);
  assertEquals(widthOf("e\u0301"), 1);
  assertEquals(cutTo("日本語", 5), "日本…");
  assertEquals(cutTo("backup", 6), "backup");
  assertEquals(cutTo("report", 3), "re…");
  assertEquals(padTo("日本", 6), "日本  ");
});

Deno.test("tableLines() fits any width: columns shrink, then optional ones are left out", () => {
  const columns = [{ title: "TASK", minWidth: 6 }, { title: "ON", isOptional: true }, {
    title: "MESSAGE",
    minWidth: 8,
  }];
  const rows = [["a-long-name-of-a-task", "web-1", "the last run failed"].map((text) => ({ text }))];
  const lines = (width: number): string[] => tableLines(columns, rows, width, (text) => text);
  assertEquals(lines(Infinity)[1], "a-long-name-of-a-task  web-1  the last run failed");
  assertEquals(lines(30)[1], "a-long-na…  web-1  the last r…");
  assertEquals(lines(18)[1], "a-long-…  the las…");
  for (let width = 16; width < 60; width++) for (const line of lines(width)) assert(widthOf(line) <= width);
});

Deno.test("styleOf() has colours on a terminal only, and follows FORCE_COLOR before NO_COLOR", () => {
  const isColoured = (isTerminal: boolean, env: Record<string, string>): boolean => {
    const output = new Output(isTerminal ? { columns: 80, rows: 24 } : undefined);
    return styleOf(output, env)("a", "red") !== "a";
  };
  assertEquals([isColoured(true, {}), isColoured(false, {})], [true, false]);
  assertEquals([isColoured(true, { NO_COLOR: "1" }), isColoured(true, { NO_COLOR: "" })], [false, true]);
  assertEquals([isColoured(false, { FORCE_COLOR: "1" }), isColoured(true, { FORCE_COLOR: "0" })], [true, false]);
  assertEquals(isColoured(false, { FORCE_COLOR: "1", NO_COLOR: "1" }), true);
  assertEquals(isColoured(true, { TERM: "dumb" }), false);
});

const SECRETS: Readonly<Record<string, readonly [secret: string, address: string]>> = {
  "postgres://ada:sesame%21open@db:5432/tasks": ["sesame!open", "postgres://db:5432/tasks"],
  "redis://:sesame@cache": ["sesame", "redis://cache"],
  "libsql://db.example?authToken=sesame": ["sesame", "libsql://db.example"],
  "s3://bucket/tasks?secretAccessKey=sesame&region=eu": ["sesame", "s3://bucket/tasks"],
  "sqlite:./tasks.db?encryptionKey=sesame": ["sesame", "sqlite:./tasks.db"],
};

Deno.test("redactionOf() and shownAddress() leave out passwords, tokens and keys", () => {
  for (const [url, [secret, address]] of Object.entries(SECRETS)) {
    const redact = redactionOf(url);
    assertEquals(redact(`login with ${secret} failed`), "login with *** failed");
    assert(!redact(`cannot open ${url}`).includes("sesame"));
    assertEquals(shownAddress(url), address);
  }
  assertEquals(redactionOf("s3://bucket/tasks?region=eu-west")("eu-west"), "eu-west");
});

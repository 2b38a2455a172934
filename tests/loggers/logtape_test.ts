import { assert, assertEquals, assertInstanceOf, assertNotEquals, assertStringIncludes } from "@std/assert";
import { configureSync, getLogger, jsonLinesFormatter, type LogRecord, resetSync } from "@logtape/logtape";
import type { Logger } from "../../mod.ts";
import { everyLine, type Line, logEveryLine, NAMES } from "./every_line.ts";

/** Calls back while LogTape's records are kept. */
async function keepingRecords(call: () => Promise<unknown>): Promise<LogRecord[]> {
  const records: LogRecord[] = [];
  configureSync({
    sinks: { keep: (record) => void records.push(record) },
    loggers: [
      { category: ["my-server"], lowestLevel: "debug", sinks: ["keep"] },
      { category: ["logtape", "meta"], sinks: [] },
    ],
  });
  try {
    await call();
  } finally {
    resetSync();
  }
  return records;
}

const logger = getLogger(["my-server"]);

// what docs/logging.md shows
const plain = (message: string): string => message.replaceAll("{", "{{").replaceAll("}", "}}");
const log: Logger = {
  debug: (message, error) => logger.debug(plain(message), { error }),
  info: (message, error) => logger.info(plain(message), { error }),
  warn: (message, error) => logger.warn(plain(message), { error }),
  error: (message, error) => logger.error(plain(message), { error }),
};

const lineOf = ({ level, message }: LogRecord): Line => ({ level, message: message.join("") });

Deno.test("LogTape gets braces doubled and records every message to the letter, and the error with its stack", async () => {
  for (const name of NAMES) {
    const records = await keepingRecords(() => logEveryLine(name, log));
    assertEquals(records.map(lineOf), everyLine(name));
    assert(records.every(({ message }) => message.length === 1));
    const [failed, timeout] = records.filter(({ level }) => level === "error");
    assertInstanceOf(failed?.properties.error, Error);
    assertStringIncludes(JSON.parse(jsonLinesFormatter(failed)).properties.error.stack, "Error: no luck\n    at ");
    assertInstanceOf(timeout?.properties.error, DOMException);
  }
});

Deno.test("LogTape gets what is thrown and no Error", async () => {
  const records = await keepingRecords(() => logEveryLine("backup", log, () => Promise.reject("text")));
  assertEquals(records.find(({ level }) => level === "error")?.properties.error, "text");
});

Deno.test("LogTape as it is fits a name without braces, if Errors are thrown", async () => {
  const asItIs: Logger = logger;
  const records = await keepingRecords(() => logEveryLine('100%s "quoted" 🎉', asItIs));
  assertEquals(records.map(lineOf), everyLine('100%s "quoted" 🎉'));
  const failed = records.find(({ level }) => level === "error");
  assertInstanceOf(failed?.properties.error, Error);
});

Deno.test("LogTape as it is takes braces in a name for placeholders", async () => {
  const records = await keepingRecords(() => logEveryLine("a {b}", logger));
  assertNotEquals(records.map(lineOf), everyLine("a {b}"));
});

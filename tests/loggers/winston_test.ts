import { assertEquals, assertNotEquals, assertStringIncludes } from "@std/assert";
import { Writable } from "node:stream";
import winston from "winston";
import type { Logger } from "../../mod.ts";
import { everyLine, type Line, logEveryLine, NAMES } from "./every_line.ts";

/** What winston writes for an entry. */
interface Entry extends Line {
  readonly stack?: unknown;
}

const { combine, errors, json, splat } = winston.format;
const FORMATS: Readonly<Record<string, winston.Logform.Format>> = {
  "JSON": json(),
  "splat, errors and JSON": combine(errors({ stack: true }), splat(), json()),
};

/** Calls back with a winston logger, and answers with its entries. */
async function keepingEntries(
  format: winston.Logform.Format,
  call: (logger: winston.Logger) => Promise<unknown>,
): Promise<Entry[]> {
  const entries: Entry[] = [];
  const stream = new Writable({
    write: (text, _encoding, done) => {
      entries.push(JSON.parse(text));
      done();
    },
  });
  const logger = winston.createLogger({
    level: "debug",
    format,
    transports: [new winston.transports.Stream({ stream })],
  });
  await call(logger);
  const finished = new Promise((resolve) => logger.on("finish", resolve));
  logger.end();
  await finished;
  return entries;
}

/** What docs/logging.md shows. */
function adapted(logger: winston.Logger): Logger {
  const stackOf = (error: unknown): unknown => error instanceof Error ? error.stack : error;
  return {
    debug: (message, error) => logger.debug({ message, stack: stackOf(error) }),
    info: (message, error) => logger.info({ message, stack: stackOf(error) }),
    warn: (message, error) => logger.warn({ message, stack: stackOf(error) }),
    error: (message, error) => logger.error({ message, stack: stackOf(error) }),
  };
}

const lineOf = ({ level, message }: Entry): Line => ({ level, message });

for (const [formatName, format] of Object.entries(FORMATS)) {
  Deno.test(`winston with ${formatName} gets one object and writes every message to the letter, and the stack`, async () => {
    for (const name of NAMES) {
      const entries = await keepingEntries(format, (logger) => logEveryLine(name, adapted(logger)));
      assertEquals(entries.map(lineOf), everyLine(name));
      const [failed, timeout] = entries.filter(({ level }) => level === "error");
      assertStringIncludes(String(failed?.stack), "Error: no luck\n    at ");
      assertStringIncludes(String(timeout?.stack), "TimeoutError");
    }
  });

  Deno.test(`winston with ${formatName} gets what is thrown and no Error`, async () => {
    const entries = await keepingEntries(
      format,
      (logger) => logEveryLine("backup", adapted(logger), () => Promise.reject("text")),
    );
    assertEquals(entries.find(({ level }) => level === "error")?.stack, "text");
  });

  Deno.test(`winston with ${formatName} as it is fits by its type, but adds the error to the message`, async () => {
    const entries = await keepingEntries(format, (logger) => {
      const log: Logger = logger;
      return logEveryLine("backup", log);
    });
    assertNotEquals(entries.map(lineOf), everyLine("backup"));
    assertEquals(
      entries.find(({ level }) => level === "error")?.message,
      '### [FAILED] neat-periodic-task: "backup" no luck',
    );
  });
}

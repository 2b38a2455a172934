import { assertEquals, assertNotEquals, assertStringIncludes } from "@std/assert";
import { pino } from "pino";
import type { Logger } from "../../mod.ts";
import { everyLine, type Line, logEveryLine, NAMES } from "./every_line.ts";

/** What pino writes for an entry. */
interface Entry {
  readonly level: number;
  readonly msg: string;
  readonly err?: unknown;
}

/** A pino logger that keeps its entries. */
function keepingPino(): { logger: pino.Logger; entries: Entry[] } {
  const entries: Entry[] = [];
  const logger = pino({ level: "debug" }, { write: (text: string) => void entries.push(JSON.parse(text)) });
  return { logger, entries };
}

/** What docs/logging.md shows. */
function adapted(logger: pino.Logger): Logger {
  return {
    debug: (message, err) => logger.debug({ err }, message),
    info: (message, err) => logger.info({ err }, message),
    warn: (message, err) => logger.warn({ err }, message),
    error: (message, err) => logger.error({ err }, message),
  };
}

const lineOf = ({ level, msg }: Entry): Line => ({ level: pino.levels.labels[level] ?? "", message: msg });

Deno.test("pino gets its error first and writes every message to the letter, and the error with its stack", async () => {
  for (const name of NAMES) {
    const { logger, entries } = keepingPino();
    await logEveryLine(name, adapted(logger));
    assertEquals(entries.map(lineOf), everyLine(name));
    const [failed, timeout] = entries.filter(({ err }) => err !== undefined).map(({ err }) => err as Error);
    assertEquals(failed?.message, "no luck");
    assertStringIncludes(failed?.stack ?? "", "Error: no luck\n    at ");
    assertStringIncludes(timeout?.stack ?? "", "TimeoutError");
  }
});

Deno.test("pino gets what is thrown and no Error", async () => {
  const { logger, entries } = keepingPino();
  await logEveryLine("backup", adapted(logger), () => Promise.reject("text"));
  assertEquals(entries.find(({ err }) => err !== undefined)?.err, "text");
});

Deno.test("pino as it is fits by its type, but drops the error", async () => {
  const { logger, entries } = keepingPino();
  const log: Logger = logger;
  await logEveryLine("backup", log);
  assertEquals(entries.map(lineOf), everyLine("backup"));
  assertEquals(entries.some((entry) => JSON.stringify(entry).includes("no luck")), false);
});

Deno.test("pino as it is takes the error for a value of a %s in the name", async () => {
  const { logger, entries } = keepingPino();
  await logEveryLine("100%s", logger);
  assertNotEquals(entries.map(lineOf), everyLine("100%s"));
});

import { assert, assertEquals, assertInstanceOf, assertMatch } from "@std/assert";
import { BaseHandler, getLogger, type LogRecord, setup } from "@std/log";
import type { Logger } from "../../mod.ts";
import { everyLine, type Line, logEveryLine, NAMES } from "./every_line.ts";

/** Keeps the records that it is handed. */
class KeepingHandler extends BaseHandler {
  readonly records: LogRecord[] = [];

  override handle(record: LogRecord): void {
    if (record.level >= this.level) this.records.push(record);
  }

  log(): void {}
}

const lineOf = ({ levelName, msg }: LogRecord): Line => ({ level: levelName.toLowerCase(), message: msg });

Deno.test("a logger of @std/log fits as it is: its handlers get levels, names, messages and errors", async () => {
  for (const name of NAMES) {
    const handler = new KeepingHandler("DEBUG");
    setup({ handlers: { keeping: handler }, loggers: { "my-server": { level: "DEBUG", handlers: ["keeping"] } } });
    const log: Logger = getLogger("my-server");
    await logEveryLine(name, log);
    const { records } = handler;
    assertEquals(records.map(lineOf), everyLine(name));
    assert(records.every(({ loggerName }) => loggerName === "my-server"));
    const [failed, timeout] = records.filter(({ levelName }) => levelName === "ERROR");
    assertInstanceOf(failed?.args[0], Error);
    assert(failed.args[0].stack?.startsWith("Error: no luck\n    at "));
    assertInstanceOf(timeout?.args[0], DOMException);
  }
});

Deno.test("a logger of @std/log keeps to its level", async () => {
  const handler = new KeepingHandler("DEBUG");
  setup({ handlers: { keeping: handler }, loggers: { "my-server": { level: "ERROR", handlers: ["keeping"] } } });
  await logEveryLine("backup", getLogger("my-server"));
  assertEquals(handler.records.map(lineOf), everyLine("backup").filter(({ level }) => level === "error"));
});

Deno.test("examples/logger_std_log.ts logs each message with its level, its logger's name and the error's stack", async () => {
  // under the example as under this test, bare names stand for JSR's packages or for what replaces them
  const imports = Object.fromEntries(
    ["@neat/periodic-task", "@std/log"].map((name) => [name, import.meta.resolve(name)]),
  );
  // a file, as Deno accepts no data URL in a workspace
  const importMap = await Deno.makeTempFile({ suffix: ".json" });
  await Deno.writeTextFile(importMap, JSON.stringify({ imports }));
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", `--import-map=${importMap}`, import.meta.resolve("../../examples/logger_std_log.ts")],
    env: { NO_COLOR: "1" },
  }).output();
  await Deno.remove(importMap);
  assertEquals(new TextDecoder().decode(stderr), "");
  const [start, failed, error, at, ...more] = new TextDecoder().decode(stdout).trimEnd().split("\n");
  assertEquals(start, 'INFO my-server: ### [START] neat-periodic-task: "fetch-prices"');
  assertEquals(failed, 'ERROR my-server: ### [FAILED] neat-periodic-task: "fetch-prices"');
  assertEquals(error, "Error: the shop is closed");
  assert(at?.startsWith("    at "), at);
  const [instance, ...others] = more.filter((line) => !line.startsWith("    at "));
  assertMatch(instance ?? "", /^instance "[\da-f]{8}"$/);
  assertEquals(others, [
    'INFO my-server: ### [START] neat-periodic-task: "fetch-prices"',
    'INFO my-server: ### [FINISHED] neat-periodic-task: "fetch-prices"',
  ]);
  assertEquals(code, 0);
});

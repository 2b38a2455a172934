import { assert, assertEquals, assertInstanceOf, assertStrictEquals } from "@std/assert";
import { format } from "node:util";
import type { Logger } from "../../mod.ts";
import { everyLine, type Line, logEveryLine, NAMES } from "../loggers/every_line.ts";

/** A logger that keeps what it is given. */
function keeping(lines: Line[]): Logger {
  const keep = (level: string) => (message: string, ...details: unknown[]): void => {
    lines.push({ level, message, ...(details.length > 0 ? { error: details[0] } : {}) });
  };
  return { debug: keep("debug"), info: keep("info"), warn: keep("warn"), error: keep("error") };
}

/** Puts a logger in the place of the console's methods while it calls back. */
async function withConsole(log: Logger, call: () => Promise<unknown>): Promise<void> {
  const { debug, info, warn, error } = console;
  Object.assign(console, log);
  try {
    await call();
  } finally {
    Object.assign(console, { debug, info, warn, error });
  }
}

/** What a console prints for the arguments that it is given. */
function printing(lines: Line[]): Logger {
  const print = (level: string) => (...args: unknown[]): void => void lines.push({ level, message: format(...args) });
  return { debug: print("debug"), info: print("info"), warn: print("warn"), error: print("error") };
}

for (const name of NAMES) {
  Deno.test(`the four messages are logged at their levels, to the letter, for the task ${name}`, async () => {
    const lines: Line[] = [];
    await logEveryLine(name, keeping(lines));
    assertEquals(lines.map(({ level, message }): Line => ({ level, message })), everyLine(name));
  });

  Deno.test(`the default console prints the four messages to the letter for the task ${name}`, async () => {
    const lines: Line[] = [];
    await withConsole(printing(lines), () => logEveryLine(name, undefined));
    assertEquals(lines.map(({ level }) => level), everyLine(name).map(({ level }) => level));
    for (const [index, { level, message }] of everyLine(name).entries()) {
      const printed = lines[index]!.message;
      // after the message of a failure comes the error with its stack
      if (level === "info") assertEquals(printed, message);
      else assert(printed.startsWith(`${message} `) && printed.includes("\n    at "), printed);
    }
  });

  Deno.test(`a console that is given prints the messages of the task ${name} to the letter too`, async () => {
    const lines: Line[] = [];
    await withConsole(printing(lines), () => logEveryLine(name, console));
    assertEquals(lines.map(({ message }) => message.split(" Error: ")[0]!.split(" TimeoutError: ")[0]), [
      ...everyLine(name).map(({ message }) => message),
    ]);
  });

  Deno.test(`a process prints the messages of the task ${name} to its output and its errors`, async () => {
    const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", new URL(import.meta.resolve("../loggers/failing_program.ts")).href, name],
      env: { NO_COLOR: "1" },
    }).output();
    assertEquals(new TextDecoder().decode(stdout), `### [START] neat-periodic-task: "${name}"\n`);
    const [line, stack] = new TextDecoder().decode(stderr).split("\n");
    assertEquals(line, `### [FAILED] neat-periodic-task: "${name}" Error: no luck %s`);
    assert(stack?.startsWith("    at "), stack);
  });
}

Deno.test("a failure is logged with the value that was thrown, a timeout with a TimeoutError", async () => {
  for (const thrown of [new RangeError("no luck"), "text", 0, null, undefined, { code: 7 }, () => {}]) {
    const lines: Line[] = [];
    await logEveryLine("backup", keeping(lines), () => Promise.reject(thrown));
    const [failed, timeout] = lines.filter(({ level }) => level === "error");
    assert(failed && "error" in failed);
    assertStrictEquals(failed.error, thrown);
    assertInstanceOf(timeout?.error, DOMException);
    assertEquals(timeout.error.name, "TimeoutError");
  }
});

Deno.test("START, FINISHED and ALIVE come without details", async () => {
  const lines: Line[] = [];
  await logEveryLine("backup", keeping(lines));
  assertEquals(lines.filter((line) => line.level === "info" && "error" in line), []);
});

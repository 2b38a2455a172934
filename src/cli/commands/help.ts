/**
 * The commands `help` and `version`.
 *
 * @module
 */
import { type Command, printLine } from "../command.ts";
import { EXIT } from "../exit_code.ts";
import { commandLines, overviewLines, PROGRAM } from "../help_text.ts";
import { safeJson, safeText } from "../terminal_text.ts";
import { suggestion, UsageError } from "../usage_error.ts";
import { VERSION } from "../version.ts";

/** Shows the help. */
export const HELP: Command = {
  name: "help",
  summary: "show the commands, or the options of one",
  positionals: ["[COMMAND]"],
  options: {},
  run: (invocation) => {
    const { positionals: [name], commands, style, isJson } = invocation;
    const command = commands.find((command) => command.name === name);
    if (name !== undefined && !command) {
      const hint = suggestion(name, commands.map((command) => command.name));
      throw new UsageError(`unknown command ${JSON.stringify(safeText(name))}${hint}`);
    }
    if (isJson) {
      const shown = command ? [command] : commands;
      printLine(invocation, safeJson(shown.map(({ run: _, ...description }) => description), 2));
    } else {
      const lines = command ? commandLines(command, style) : overviewLines(commands, style);
      for (const line of lines) printLine(invocation, line);
    }
    return Promise.resolve(EXIT.ok);
  },
};

/** Shows the version. */
export const VERSION_COMMAND: Command = {
  name: "version",
  summary: "show the version",
  positionals: [],
  options: {},
  run: (invocation) => {
    printLine(invocation, invocation.isJson ? safeJson({ version: VERSION }) : `${PROGRAM} ${VERSION}`);
    return Promise.resolve(EXIT.ok);
  },
};

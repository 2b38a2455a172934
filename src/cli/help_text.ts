/**
 * The text of the help, for a terminal of 80 columns and 24 rows. Pure.
 *
 * @module
 */
import { type Command, COMMON_OPTIONS, type OptionSpecs } from "./command.ts";
import type { Style } from "./style.ts";

/** The name of the program. */
export const PROGRAM = "neat-periodic-task";

/** Returns the lines about all commands. */
export function overviewLines(commands: readonly Command[], style: Style): string[] {
  const width = Math.max(...commands.map(({ name }) => name.length));
  return [
    `Usage: ${PROGRAM} COMMAND [OPTIONS]`,
    "",
    ...commands.map(({ name, summary }) => `  ${style(name.padEnd(width), "bold")}  ${summary}`),
    "",
    `The store of the tasks is a URL, in NEAT_STORE or --store: sqlite:./tasks.db,`,
    "postgres://..., redis://..., mysql://..., s3://BUCKET/PREFIX, gs://BUCKET/PREFIX",
    `Run "${PROGRAM} help COMMAND" for the options of a command.`,
  ];
}

/** Returns the lines about a command. */
export function commandLines(command: Command, style: Style): string[] {
  const { name, summary, positionals, takesProgram = false, options, details = [] } = command;
  const program = takesProgram ? ["--", "PROGRAM", "[ARGUMENTS]"] : [];
  const usage = ["Usage:", PROGRAM, name, ...positionals, "[OPTIONS]", ...program].join(" ");
  const all: OptionSpecs = { ...options, ...COMMON_OPTIONS };
  const names = Object.entries(all).map(([option, { value, short }]) => {
    const shortName = short === undefined ? "" : `-${short}, `;
    return `${shortName}--${option}${value === undefined ? "" : ` ${value}`}`;
  });
  const width = Math.max(...names.map((text) => text.length));
  return [
    usage,
    "",
    `${summary.slice(0, 1).toUpperCase()}${summary.slice(1)}.`,
    ...details,
    "",
    ...Object.values(all).map(({ help }, index) => `  ${style((names[index] ?? "").padEnd(width), "bold")}  ${help}`),
  ];
}

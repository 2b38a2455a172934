/**
 * What a command is.
 *
 * @module
 */
import type { CommandIo } from "./io.ts";
import type { Style } from "./style.ts";

/** An option of a command. */
export interface OptionSpec {
  /** The name of its value in the help, such as `URL`; absent if it has none. */
  readonly value?: string;
  /** One character that stands for the name. */
  readonly short?: string;
  /** The help: one line. */
  readonly help: string;
  /** The values that shells complete. */
  readonly choices?: readonly string[];
}

/** The options of a command, by their names. */
export type OptionSpecs = Readonly<Record<string, OptionSpec>>;

/** A command of the command line. */
export interface Command {
  readonly name: string;
  /** The effect, as one line of the list of commands. */
  readonly summary: string;
  /** The names of its arguments, such as `NAME`. All must be given, but those in brackets. */
  readonly positionals: readonly string[];
  /** Whether the last argument may be given several times. */
  readonly takesMany?: boolean;
  /** Whether a program and its arguments follow after `--`. */
  readonly takesProgram?: boolean;
  /** Whether the first argument is the name of a task. */
  readonly takesTask?: boolean;
  readonly options: OptionSpecs;
  /** Further lines of the help. */
  readonly details?: readonly string[];
  /** Runs the command. Returns the exit code. */
  readonly run: (invocation: Invocation) => Promise<number>;
}

/** A call of a command whose arguments are valid. */
export interface Invocation {
  readonly io: CommandIo;
  readonly command: Command;
  /** The values of options by their names. */
  readonly values: Readonly<Record<string, string | undefined>>;
  /** The names of options without a value that were given. */
  readonly flags: ReadonlySet<string>;
  readonly positionals: readonly string[];
  /** What follows after `--`. */
  readonly program: readonly string[];
  /** Whether results are JSON. */
  readonly isJson: boolean;
  /** The style of standard output. */
  readonly style: Style;
  /** All commands. */
  readonly commands: readonly Command[];
}

/** The options that all commands have. */
export const COMMON_OPTIONS: OptionSpecs = {
  json: { help: "print JSON instead of text" },
  help: { short: "h", help: "show the help of the command" },
};

/** The option of commands that use a store. */
export const STORE_OPTION: OptionSpecs = {
  store: { value: "URL", short: "s", help: "the store of the tasks (default: NEAT_STORE)" },
};

/** Writes a line to standard output. */
export function printLine({ io }: Invocation, line: string): void {
  io.stdout.write(`${line}\n`);
}

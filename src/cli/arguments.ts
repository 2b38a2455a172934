/**
 * Reads the arguments of the command line. Pure.
 *
 * @module
 */
import { parseArgs, type ParseArgsConfig } from "node:util";
import { type Command, COMMON_OPTIONS, type OptionSpecs } from "./command.ts";
import { safeText } from "./terminal_text.ts";
import { suggestion, UsageError } from "./usage_error.ts";

/** The arguments of a command. */
export interface CommandArguments {
  readonly command: Command;
  readonly values: Readonly<Record<string, string | undefined>>;
  readonly flags: ReadonlySet<string>;
  readonly positionals: readonly string[];
  readonly program: readonly string[];
}

/** An argument that parseArgs has recognised. */
interface Token {
  readonly kind: "option" | "positional" | "option-terminator";
  readonly name?: string;
  readonly rawName?: string;
  readonly value?: string | boolean | undefined;
  readonly inlineValue?: boolean | undefined;
}

/**
 * Reads the arguments. The command is the first one that is not an option.
 *
 * @param args The arguments.
 * @param commands The commands.
 * @throws {UsageError} If they are wrong. No message shows a value that may be a secret.
 */
export function readArguments(args: readonly string[], commands: readonly Command[]): CommandArguments {
  const end = args.indexOf("--");
  const own = end < 0 ? args : args.slice(0, end);
  const program = end < 0 ? [] : args.slice(end + 1);
  const all: OptionSpecs = Object.assign({}, ...commands.map(({ options }) => options), COMMON_OPTIONS);
  const tokens = tokensOf(own, all);
  const command = commandOf(tokens, all, commands);
  const { values, flags } = optionsOf(tokens, command);
  const positionals = tokens.filter(({ kind }) => kind === "positional").map(({ value }) => String(value)).slice(1);
  if (!flags.has("help")) checkPositionals(command, positionals, program, end >= 0);
  return { command, values, flags, positionals, program };
}

function tokensOf(args: readonly string[], specs: OptionSpecs): readonly Token[] {
  const options: NonNullable<ParseArgsConfig["options"]> = {};
  for (const [name, { value, short }] of Object.entries(specs)) {
    options[name] = { type: value === undefined ? "boolean" : "string", ...(short === undefined ? {} : { short }) };
  }
  const { tokens } = parseArgs({ args: [...args], options, allowPositionals: true, strict: false, tokens: true });
  return tokens as readonly Token[];
}

function commandOf(tokens: readonly Token[], all: OptionSpecs, commands: readonly Command[]): Command {
  const name = tokens.find(({ kind }) => kind === "positional")?.value;
  const names = commands.map((command) => command.name);
  if (name === undefined) {
    const options = tokens.flatMap(({ name = "" }) => name);
    if (options.includes("version")) return mustFind(commands, "version");
    if (options.includes("help") || tokens.length === 0) return mustFind(commands, "help");
    const unknown = tokens.find(({ name = "" }) => !Object.hasOwn(all, name));
    if (unknown) throw unknownOption(unknown, all, undefined);
    throw new UsageError(`there is no command: known ones are ${names.join(", ")}`);
  }
  const command = commands.find((command) => command.name === name);
  if (command) return command;
  throw new UsageError(`unknown command ${shownArgument(String(name))}${suggestion(String(name), names)}`);
}

function mustFind(commands: readonly Command[], name: string): Command {
  const command = commands.find((command) => command.name === name);
  if (!command) throw new UsageError(`unknown command "${name}"`);
  return command;
}

function optionsOf(
  tokens: readonly Token[],
  command: Command,
): { readonly values: Record<string, string>; readonly flags: Set<string> } {
  const specs: OptionSpecs = { ...command.options, ...COMMON_OPTIONS };
  const values: Record<string, string> = {};
  const flags = new Set<string>();
  for (const token of tokens) {
    const { kind, name = "", value } = token;
    if (kind !== "option") continue;
    // `--version` and `--help` without a command
    if (name === command.name) continue;
    const spec = Object.hasOwn(specs, name) ? specs[name] : undefined;
    if (!spec) throw unknownOption(token, specs, command.name);
    if (spec.value === undefined) {
      if (value !== undefined) throw new UsageError(`--${name} takes no value`, command.name);
      flags.add(name);
    } else {
      // an option in the place of a value is a value that was forgotten
      const isMissing = typeof value !== "string" || value === "" || (!token.inlineValue && /^--?[a-z]/.test(value));
      if (isMissing) throw new UsageError(`--${name} needs a value: ${spec.value}`, command.name);
      if (spec.choices && !spec.choices.includes(value)) {
        throw new UsageError(
          `--${name} must be ${orList(spec.choices)}${suggestion(value, spec.choices)}`,
          command.name,
        );
      }
      values[name] = value;
    }
  }
  return { values, flags };
}

function unknownOption(
  { name = "", rawName = "" }: Token,
  specs: OptionSpecs,
  command: string | undefined,
): UsageError {
  const nearest = suggestion(name, Object.keys(specs)).replace('"', '"--');
  const of = command === undefined ? "" : ` of ${command}`;
  return new UsageError(`unknown option ${shownArgument(rawName)}${of}${nearest}`, command);
}

function checkPositionals(
  { name, positionals, takesMany = false, takesProgram = false }: Command,
  given: readonly string[],
  program: readonly string[],
  hasTerminator: boolean,
): void {
  const missing = positionals.slice(given.length).find((positional) => !positional.startsWith("["));
  if (missing !== undefined) throw new UsageError(`${name} needs an argument: ${missing}`, name);
  // the URL of a store may stand in the place of a name
  const extra = takesMany ? given.find((text) => text.includes("://")) : given[positionals.length];
  if (extra !== undefined) {
    const hint = takesProgram ? '; write the program after "--"' : "";
    throw new UsageError(`unexpected argument ${shownArgument(extra)}${hint}`, name);
  }
  if (takesProgram && program.length === 0) {
    throw new UsageError(`${name} needs a program: write it after "--"`, name);
  }
  if (!takesProgram && hasTerminator) throw new UsageError(`${name} takes no program after "--"`, name);
}

/** Returns an argument for a message. That of a store is not shown, as it may hold a password. */
function shownArgument(text: string): string {
  return /[:@]/.test(text) ? "that may hold a secret" : JSON.stringify(safeText(text).slice(0, 60));
}

function orList(texts: readonly string[]): string {
  return texts.length < 2 ? texts.join("") : `${texts.slice(0, -1).join(", ")} or ${texts.at(-1)}`;
}

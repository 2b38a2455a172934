/**
 * Runs a command by its arguments.
 *
 * @module
 */
import { TaskRunningError, UnconfirmedChangeError, UnknownTaskError } from "../control/errors.ts";
import { readArguments } from "./arguments.ts";
import type { Command, Invocation } from "./command.ts";
import { PAUSE, REQUEST, RESET, RESUME } from "./commands/changes.ts";
import { COMPLETION } from "./commands/completion.ts";
import { DASHBOARD } from "./commands/dashboard.ts";
import { DOCTOR } from "./commands/doctor.ts";
import { HELP, VERSION_COMMAND } from "./commands/help.ts";
import { LIST } from "./commands/list.ts";
import { RUN } from "./commands/run.ts";
import { SHOW } from "./commands/show.ts";
import { WATCH } from "./commands/watch.ts";
import { EXIT, type ExitCode } from "./exit_code.ts";
import { PROGRAM } from "./help_text.ts";
import type { CommandIo } from "./io.ts";
import { messageOf, StoreError } from "./store_access.ts";
import { styleOf } from "./style.ts";
import { safeJson, safeText } from "./terminal_text.ts";
import { UsageError } from "./usage_error.ts";

/** The commands, in the order of the help. */
export const COMMANDS: readonly Command[] = [
  LIST,
  SHOW,
  WATCH,
  REQUEST,
  PAUSE,
  RESUME,
  RESET,
  DOCTOR,
  DASHBOARD,
  RUN,
  COMPLETION,
  HELP,
  VERSION_COMMAND,
];

/** Runs a command. Returns its exit code. Never rejects. */
export async function runCommand(args: readonly string[], io: CommandIo): Promise<number> {
  try {
    return await runParsed(args, io);
  } catch (error) {
    const code = exitCodeOf(error);
    const message = safeText(messageOf(error));
    if (args.includes("--json") && !isAfterTerminator(args, "--json")) {
      io.stderr.write(`${safeJson({ error: message, code })}\n`);
    } else {
      const style = styleOf(io.stderr, io.env);
      io.stderr.write(`${style("error:", "red")} ${message}\n`);
      if (error instanceof UsageError) io.stderr.write(`${hintAt(error.command)}\n`);
    }
    return code;
  }
}

async function runParsed(args: readonly string[], io: CommandIo): Promise<number> {
  const parsed = readArguments(args, COMMANDS);
  const isHelp = parsed.flags.has("help");
  const { command, positionals } = isHelp
    ? { command: HELP, positionals: parsed.command === HELP ? parsed.positionals : [parsed.command.name] }
    : parsed;
  const invocation: Invocation = {
    ...parsed,
    command,
    positionals,
    io,
    isJson: parsed.flags.has("json"),
    style: styleOf(io.stdout, io.env),
    commands: COMMANDS,
  };
  return await command.run(invocation);
}

function isAfterTerminator(args: readonly string[], arg: string): boolean {
  const end = args.indexOf("--");
  return end >= 0 && args.indexOf(arg) > end;
}

function hintAt(command: string | undefined): string {
  return `Run "${PROGRAM} help${command === undefined ? "" : ` ${command}`}" for help.`;
}

/** Whether an error is about a value that was checked, and none of a mistake in this program. */
function isRefusal(error: unknown): boolean {
  if (!(error instanceof RangeError || error instanceof TypeError)) return false;
  return /^Cannot .+ as .+: current value is /s.test(error.message);
}

function exitCodeOf(error: unknown): ExitCode {
  if (error instanceof UsageError || isRefusal(error)) return EXIT.usage;
  if (error instanceof StoreError || error instanceof UnconfirmedChangeError) return EXIT.store;
  if (error instanceof UnknownTaskError) return EXIT.unknownTask;
  return error instanceof TaskRunningError ? EXIT.running : EXIT.failed;
}

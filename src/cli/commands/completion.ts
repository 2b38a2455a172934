/**
 * The command `completion`: scripts for shells.
 *
 * @module
 */
import { type Command, COMMON_OPTIONS, type OptionSpecs, printLine } from "../command.ts";
import { EXIT } from "../exit_code.ts";
import { PROGRAM } from "../help_text.ts";
import { safeJson } from "../terminal_text.ts";
import { suggestion, UsageError } from "../usage_error.ts";

const SHELLS: Readonly<Record<string, (commands: readonly Command[]) => string[]>> = {
  bash: bashLines,
  zsh: zshLines,
  fish: fishLines,
};

/** Prints the script that completes commands, options and names of tasks in a shell. */
export const COMPLETION: Command = {
  name: "completion",
  summary: "print the completion script of a shell: bash, zsh or fish",
  positionals: ["SHELL"],
  options: {},
  details: [
    "",
    `  bash: eval "$(${PROGRAM} completion bash)"     in ~/.bashrc`,
    `  zsh:  source <(${PROGRAM} completion zsh)      in ~/.zshrc`,
    `  fish: ${PROGRAM} completion fish | source      in config.fish`,
  ],
  run: (invocation) => {
    const { positionals: [shell = ""], commands, isJson } = invocation;
    const names = Object.keys(SHELLS);
    const lines = Object.hasOwn(SHELLS, shell) ? SHELLS[shell]?.(commands) : undefined;
    if (!lines) throw new UsageError(`the shell must be bash, zsh or fish${suggestion(shell, names)}`, "completion");
    const script = lines.join("\n");
    printLine(invocation, isJson ? safeJson({ shell, script }) : script);
    return Promise.resolve(EXIT.ok);
  },
};

function optionsOf({ options }: Command): OptionSpecs {
  return { ...options, ...COMMON_OPTIONS };
}

/** Returns the command that prints the names of tasks; nothing if the store cannot be read. */
const NAMES = `${PROGRAM} list --names 2>/dev/null`;

function bashLines(commands: readonly Command[]): string[] {
  const cases = commands.map((command) => {
    const words = Object.keys(optionsOf(command)).map((name) => `--${name}`).join(" ");
    const rest = command.name === "completion" ? " bash zsh fish" : "";
    return `    ${command.name}) words="${words}${rest}"${command.takesTask ? "; takes_task=1" : ""} ;;`;
  });
  return [
    "_neat_periodic_task() {",
    '  local current="${COMP_WORDS[COMP_CWORD]}" words="" takes_task="" word quoted',
    "  COMPREPLY=()",
    '  for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do',
    '    if [[ "$word" == -- ]]; then compopt -o default; return; fi',
    "  done",
    '  case "${COMP_WORDS[1]}" in',
    ...cases,
    "  esac",
    `  if (( COMP_CWORD == 1 )); then words="${commands.map(({ name }) => name).join(" ")}" takes_task=""; fi`,
    "  for word in $words; do",
    '    if [[ "$word" == "$current"* ]]; then COMPREPLY+=("$word"); fi',
    "  done",
    '  if [[ -z "$takes_task" ]]; then return; fi',
    "  # names come from the store: bash must never evaluate them, as compgen -W does",
    "  while IFS= read -r word; do",
    '    printf -v quoted %q "$word"',
    '    if [[ "$word" == "$current"* || "$quoted" == "$current"* ]]; then COMPREPLY+=("$quoted"); fi',
    `  done < <(${NAMES})`,
    "}",
    `complete -F _neat_periodic_task ${PROGRAM}`,
  ];
}

function zshLines(commands: readonly Command[]): string[] {
  const cases = commands.map((command) => {
    const options = Object.entries(optionsOf(command)).map(([name, { value, help, choices }]) => {
      const action = value === undefined ? "" : `:${value}:${choices ? `(${choices.join(" ")})` : ""}`;
      return zshQuoted(`--${name}[${help.replace(/[[\]:]/g, "\\$&")}]${action}`);
    });
    const task = command.takesTask ? ["'1:task:_neat_periodic_task_names'"] : [];
    const shell = command.name === "completion" ? ["'1:shell:(bash zsh fish)'"] : [];
    return `    ${command.name}) _arguments ${[...options, ...task, ...shell].join(" ")} ;;`;
  });
  return [
    // names come from the store: an action in parentheses would evaluate them
    "_neat_periodic_task_names() {",
    "  local -a names",
    `  names=(\${(f)"$(${NAMES})"})`,
    "  compadd -- $names",
    "}",
    "_neat_periodic_task() {",
    "  local -a commands",
    "  commands=(",
    ...commands.map(({ name, summary }) => `    ${zshQuoted(`${name}:${summary.replace(/:/g, "\\:")}`)}`),
    "  )",
    "  if (( CURRENT == 2 )); then _describe command commands; return; fi",
    "  local command=$words[2]",
    "  shift words; (( CURRENT-- ))",
    "  case $command in",
    ...cases,
    "  esac",
    "}",
    `compdef _neat_periodic_task ${PROGRAM}`,
  ];
}

function zshQuoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

function fishLines(commands: readonly Command[]): string[] {
  const quoted = (text: string): string => `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
  const lines = [`complete -c ${PROGRAM} -f`];
  for (const command of commands) {
    const { name, summary, takesTask = false } = command;
    lines.push(`complete -c ${PROGRAM} -n __fish_use_subcommand -a ${name} -d ${quoted(summary)}`);
    const when = `-n '__fish_seen_subcommand_from ${name}'`;
    if (takesTask) lines.push(`complete -c ${PROGRAM} ${when} -a '(${NAMES})'`);
    if (name === "completion") lines.push(`complete -c ${PROGRAM} ${when} -a 'bash zsh fish'`);
    for (const [option, { value, short, help, choices }] of Object.entries(optionsOf(command))) {
      const shortName = short === undefined ? "" : ` -s ${short}`;
      const values = value === undefined ? "" : choices ? ` -x -a ${quoted(choices.join(" "))}` : " -x";
      lines.push(`complete -c ${PROGRAM} ${when} -l ${option}${shortName}${values} -d ${quoted(help)}`);
    }
  }
  return lines;
}

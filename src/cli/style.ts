/**
 * Colours, where they are wanted.
 *
 * @module
 */
import type { CommandOutput } from "./io.ts";

/** The style of a text. */
export type StyleName = "bold" | "dim" | "red" | "green" | "yellow" | "cyan" | "plain";

const CODES: Readonly<Record<Exclude<StyleName, "plain">, readonly [on: number, off: number]>> = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  cyan: [36, 39],
};

/** Returns a text in a style. */
export type Style = (text: string, name: StyleName) => string;

/** The style of a stream that has no colours. */
export const plainStyle: Style = (text) => text;

/**
 * Returns the style of a stream. `FORCE_COLOR` and `NO_COLOR` decide in this order; otherwise a terminal has colours.
 *
 * @param output The stream.
 * @param env The environment variables.
 */
export function styleOf(output: CommandOutput, env: Readonly<Record<string, string | undefined>>): Style {
  if (!hasColours(output, env)) return plainStyle;
  return (text, name) => {
    if (name === "plain" || text === "") return text;
    const [on, off] = CODES[name];
    return `\x1b[${on}m${text}\x1b[${off}m`;
  };
}

function hasColours({ isTerminal }: CommandOutput, env: Readonly<Record<string, string | undefined>>): boolean {
  const { FORCE_COLOR: forced = "", NO_COLOR: none = "", TERM: terminal } = env;
  if (forced !== "") return forced !== "0" && forced !== "false";
  return none === "" && isTerminal && terminal !== "dumb";
}

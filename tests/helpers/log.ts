import type { Logger } from "../../mod.ts";

/** A logger that keeps what it is told. */
export class KeptLog implements Logger {
  /** Each as `level: message`, in order. */
  readonly lines: string[] = [];
  /** The further arguments of each. */
  readonly details: unknown[][] = [];

  debug(): void {}

  info(message: string, ...details: unknown[]): void {
    this.#keep("info", message, details);
  }

  warn(message: string, ...details: unknown[]): void {
    this.#keep("warn", message, details);
  }

  error(message: string, ...details: unknown[]): void {
    this.#keep("error", message, details);
  }

  /** How many lines hold a text. */
  count(text: string): number {
    return this.lines.filter((line) => line.includes(text)).length;
  }

  #keep(level: string, message: string, details: unknown[]): void {
    this.lines.push(`${level}: ${message}`);
    this.details.push(details);
  }
}

/** A logger that keeps nothing. */
export const SILENT: Logger = { debug() {}, info() {}, warn() {}, error() {} };

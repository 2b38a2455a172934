/**
 * The log of the command `run`, on standard error.
 *
 * @module
 */
import type { Logger, LogLevel } from "../../log.ts";
import type { CommandIo } from "../io.ts";
import type { Redaction } from "../secrets.ts";
import { messageOf } from "../store_access.ts";
import { safeJson, safeText } from "../terminal_text.ts";

/** How often a line says that the task is alive: each check is followed by one otherwise. In milliseconds. */
const ALIVE_MS = 3_600_000;

/** Returns a logger that writes lines of text, or of JSON. Errors have no stacks. */
export function runLog({ stderr, clock }: CommandIo, isJson: boolean, redact: Redaction): Logger {
  let aliveMs = -Infinity;
  const log = (level: LogLevel, message: string, details: readonly unknown[]): void => {
    const [error] = details;
    const text = error === undefined ? undefined : redact(messageOf(error));
    if (isJson) {
      const time = new Date(clock.nowMs()).toISOString();
      stderr.write(`${safeJson({ time, level, message, ...(text === undefined ? {} : { error: text }) })}\n`);
    } else {
      stderr.write(`${safeText(message)}${text === undefined ? "" : `: ${safeText(text)}`}\n`);
    }
  };
  return {
    info: (message, ...details) => {
      if (message.startsWith("### [ALIVE]")) {
        if (clock.monotonicMs() - aliveMs < ALIVE_MS) return;
        aliveMs = clock.monotonicMs();
      }
      log("info", message, details);
    },
    warn: (message, ...details) => log("warn", message, details),
    error: (message, ...details) => log("error", message, details),
  };
}

/**
 * The log of the tasks through the logger of Nest.
 *
 * @module
 */
import { Logger as NestLogger } from "@nestjs/common";
import type { Logger } from "../log.ts";

/** Returns a logger that writes through the one of the application. */
export function nestLog(): Logger {
  const nest = new NestLogger("PeriodicTask");
  return {
    info: (message) => nest.log(message),
    warn: (message, error) => nest.warn(error === undefined ? message : `${message}: ${error}`),
    // Nest takes a stack after the message
    error: (message, error) => error === undefined ? nest.error(message) : nest.error(message, stackOf(error)),
  };
}

/** Returns the stack of an error, in the form by which Nest knows a stack. */
function stackOf(error: unknown): string {
  const stack = error instanceof Error ? error.stack : undefined;
  return stack?.includes("\n    at ") ? stack : `${error}\n    at the task`;
}

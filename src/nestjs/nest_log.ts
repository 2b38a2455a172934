/**
 * The log of the tasks through the logger of Nest.
 *
 * @module
 */
import { Logger as NestLogger } from "@nestjs/common";
import { textOf } from "../errors.ts";
import type { Logger } from "../log.ts";

/** Deeper causes are left out. One of them may be the error itself. */
const MAX_DEPTH = 5;

/** Returns a logger that writes through the one of the application. */
export function nestLog(): Logger {
  const nest = new NestLogger("PeriodicTask");
  return {
    info: (message) => nest.log(message),
    warn: (message, error) => nest.warn(error === undefined ? message : `${message}: ${withCauses(error, textOf)}`),
    // loggers of Nest take one text after the message, which is a stack
    error: (message, ...details) => details.length === 0 ? nest.error(message) : nest.error(message, stackOf(details)),
  };
}

/** Returns the details of a failure as one stack: that of the error, those of its causes, and the replica as its last place. */
function stackOf([error, ...places]: readonly unknown[]): string {
  return [withCauses(error, ownStack), ...places.map((place) => `    at ${textOf(place)}`)].join("\n");
}

function ownStack(error: unknown): string {
  return error instanceof Error && error.stack ? error.stack : textOf(error);
}

/** Returns the text of an error, of its causes, and of the errors that it collects. */
function withCauses(error: unknown, text: (error: unknown) => string, depth = 0): string {
  if (!(error instanceof Error) || depth === MAX_DEPTH) return text(error);
  const { cause, errors } = error as Error & { readonly errors?: unknown };
  const inner = [...cause === undefined ? [] : [cause], ...Array.isArray(errors) ? errors : []];
  return [text(error), ...inner.map((each) => `[cause]: ${withCauses(each, text, depth + 1)}`)].join("\n");
}

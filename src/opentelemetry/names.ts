/**
 * The names of spans, attributes and metrics.
 *
 * @module
 */
import { diag } from "@opentelemetry/api";

/** The name of the instrumentation scope. */
export const SCOPE = "@neat/periodic-task";

/** The attributes. OpenTelemetry's conventions have `error.type`; nothing there fits the others. */
export const ATTRIBUTES = {
  name: "neat.periodic_task.name",
  instance: "neat.periodic_task.instance",
  term: "neat.periodic_task.term",
  dueTime: "neat.periodic_task.due_time",
  lateness: "neat.periodic_task.lateness",
  outcome: "neat.periodic_task.outcome",
  reason: "neat.periodic_task.takeover.reason",
  operation: "neat.periodic_task.store.operation",
  result: "neat.periodic_task.store.result",
  errorType: "error.type",
} as const;

/** The longest text of `error.type`. */
const MAX_ERROR_TYPE_LENGTH = 100;

/** Returns the value of `error.type`: the name of an error, or `_OTHER` for values that have none. */
export function errorTypeOf(error: unknown): string {
  const name = nameOf(error);
  return typeof name === "string" && name !== "" ? name.slice(0, MAX_ERROR_TYPE_LENGTH) : "_OTHER";
}

function nameOf(error: unknown): unknown {
  try {
    return (Object(error) as { readonly name?: unknown }).name;
  } catch {
    // a getter of the user
    return undefined;
  }
}

/** Calls a function that may call code of the user or of an SDK, whose error must neither fail a run nor lose its end. */
export function attempt(doing: string, call: () => void): void {
  try {
    call();
  } catch (error) {
    diag.error(`neat-periodic-task: cannot ${doing}`, error);
  }
}

/** Returns what OpenTelemetry records of a value that was thrown. */
export function exceptionOf(error: unknown): Error | string {
  return error instanceof Error ? error : textOf(error);
}

/** Returns the text of a value that was thrown, for the status of a span. */
export function textOf(error: unknown): string {
  try {
    return error instanceof Error ? error.message : String(error);
  } catch {
    return "an error without a text";
  }
}

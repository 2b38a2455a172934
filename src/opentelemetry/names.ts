/**
 * The names of spans, attributes and metrics.
 *
 * @module
 */

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
  const { name } = Object(error) as { readonly name?: unknown };
  return typeof name === "string" && name !== "" ? name.slice(0, MAX_ERROR_TYPE_LENGTH) : "_OTHER";
}

/** Returns what OpenTelemetry records of a value that was thrown. */
export function exceptionOf(error: unknown): Error | string {
  return error instanceof Error ? error : textOf(error);
}

/** Returns the text of a value that was thrown, for the status of a span. */
export function textOf(error: unknown): string {
  if (error instanceof Error) return error.message;
  try {
    return String(error);
  } catch {
    return "an error without a text";
  }
}

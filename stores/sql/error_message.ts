/**
 * Messages of errors of database drivers.
 *
 * @module
 */
import { textOf } from "../../src/errors.ts";

/** The message of an error. That of a closed port, or of several addresses, may be empty and have a code. */
export function messageOf(error: unknown): string {
  const { message, code } = (error ?? {}) as { readonly message?: unknown; readonly code?: unknown };
  return textOf(message || code || error);
}

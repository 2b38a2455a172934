/**
 * Whether an object has the methods that it needs.
 *
 * @module
 */
import { cannot } from "../errors.ts";

/**
 * Checks that a value has the methods of a store.
 *
 * @throws {TypeError} If it has not.
 */
export function checkStoreShape(store: unknown, action: string): void {
  if (!hasMethods(store, "read", "write")) {
    throw new TypeError(cannot(action, "the store must be { read(), write() }", store));
  }
}

/** Whether a value has methods of these names. */
export function hasMethods(value: unknown, ...names: string[]): boolean {
  const object = value as Record<string, unknown> | null | undefined;
  return names.every((name) => typeof object?.[name] === "function");
}

/**
 * How the options of the test kit are checked.
 *
 * @module
 */
import { refuse } from "../errors.ts";

/**
 * Refuses options that are unknown, missing or of the wrong type.
 *
 * @param options What the user gave.
 * @param types What each option has to be: a `typeof`, after "required" if it can't be left out; or `any`.
 * @param doing What is refused if an option is.
 * @throws {TypeError} If an option is missing, unknown or of the wrong type.
 */
export function checkOptions(options: unknown, types: Readonly<Record<string, string>>, doing: string): void {
  if (typeof options !== "object" || !options) refuse(TypeError, "its options must be an object", options, doing);
  const given = options as Readonly<Record<string, unknown>>;
  // an instance of a class may have its options by getters
  for (const option in { ...types, ...given }) {
    const value = given[option];
    const type = Object.hasOwn(types, option) ? types[option]! : undefined;
    if (value === undefined && !type?.startsWith("required ")) continue;
    if (!type) refuse(TypeError, `"${option}" must be left out`, value, doing);
    const needed = type.replace("required ", "");
    if (needed !== "any" && typeof value !== needed) {
      refuse(TypeError, `"${option}" must be ${needed === "object" ? "an" : "a"} ${needed}`, value, doing);
    }
  }
}

/** Refuses what has not the two methods of a store. */
export function checkIsStore(store: unknown, doing: string): void {
  if (!hasMethods(store, "read", "write")) {
    refuse(TypeError, "the store must be { read(), write() }", store, doing);
  }
}

/** Whether something has methods of these names. */
export function hasMethods(value: unknown, ...names: string[]): boolean {
  return names.every((name) => typeof (value as Record<string, unknown> | null | undefined)?.[name] === "function");
}

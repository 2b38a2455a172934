/**
 * Checks options by name and type, for stores and the test kit. Errors don't show values that may be secret.
 *
 * @module
 */
import { suggestion } from "./check.ts";
import { cannot } from "./errors.ts";

type TypeName = "string" | "number" | "boolean" | "function" | "object" | "any";

/** The type of an option, as `typeof` returns it; "any" for an option that the caller checks. */
export type OptionType = TypeName | `required ${TypeName}`;

/** The known options by name. */
export type OptionTypes = Readonly<Record<string, OptionType>>;

/**
 * Checks that options are known and of the right types.
 *
 * @param options The options of the user.
 * @param types The types by option.
 * @param action The failed action, as the error message names it after "Cannot".
 * @throws {TypeError} If an option is missing, unknown or of the wrong type.
 */
export function checkOptions(options: unknown, types: OptionTypes, action: string): void {
  if (typeof options !== "object" || !options) {
    throw new TypeError(cannot(action, "its options must be an object", options));
  }
  const values = options as Readonly<Record<string, unknown>>;
  const known = Object.keys(types);
  // known names are read even if they are not own properties, such as the getters of a class
  for (const name of new Set([...known, ...Object.keys(values)])) {
    const value = values[name];
    if (Object.hasOwn(types, name)) checkType(name, value, types[name], action);
    else if (value !== undefined) throw unknownOption(name, value, known, action);
  }
}

function checkType(name: string, value: unknown, type: OptionType = "any", action: string): void {
  const isRequired = type.startsWith("required ");
  if (value === undefined && !isRequired) return;
  const expected = type.replace("required ", "");
  if (expected === "any" || typeof value === expected) return;
  const state = `"${name}" must be ${expected === "object" ? "an" : "a"} ${expected}`;
  const mayBeSecret = expected === "function" && value !== undefined;
  throw new TypeError(mayBeSecret ? cannotShow(action, state, value) : cannot(action, state, value));
}

function unknownOption(name: string, value: unknown, known: readonly string[], action: string): TypeError {
  return new TypeError(cannotShow(action, `"${name}" is not an option${suggestion(name, known)}`, value));
}

/** The message about a value that may be secret: a token in the place of its function, or an option of another library. */
function cannotShow(action: string, state: string, value: unknown): string {
  return `Cannot ${action} as ${state}: current value is of type ${value === null ? "null" : typeof value}`;
}

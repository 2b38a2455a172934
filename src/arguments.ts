/**
 * Checks of arguments, and the errors for values that can't be used.
 *
 * @module
 */
import { refusal, shown } from "./errors.ts";

type TypeName = "string" | "number" | "boolean" | "function" | "object" | "any";

/** What `typeof` must give for an option; "any" for an option that its reader checks. */
export type OptionType = TypeName | `required ${TypeName}`;

/** The known options by name. */
export type OptionTypes = Readonly<Record<string, OptionType>>;

/**
 * The message of an error.
 *
 * @param action What can't be done, as a verb.
 * @param state What is wrong.
 * @param value The current value, as text.
 */
export function cannot(action: string, state: string, value: string): string {
  return refusal(state, value, action);
}

/**
 * Throws an error that shows a value.
 *
 * @param ErrorType TypeError for a wrong type, RangeError for a wrong value.
 * @param action What can't be done, as a verb.
 * @param state What is wrong.
 * @param value The value.
 */
export function throwInvalid(ErrorType: ErrorConstructor, action: string, state: string, value: unknown): never {
  throw new ErrorType(cannot(action, state, shown(value)));
}

/**
 * Checks that options are known and of the right types.
 *
 * @param options What the user passed.
 * @param types The types by option.
 * @param action What can't be done otherwise, as a verb.
 * @throws {TypeError} If an option is missing, unknown or of the wrong type.
 */
export function checkOptions(options: unknown, types: OptionTypes, action: string): void {
  if (typeof options !== "object" || !options) {
    throwInvalid(TypeError, action, "its options must be an object", options);
  }
  const values = options as Readonly<Record<string, unknown>>;
  // "in" also visits the getters of a class instance
  for (const name in { ...types, ...values }) {
    const value = values[name];
    if (Object.hasOwn(types, name)) checkType(name, value, types[name], action);
    else if (value !== undefined) throw unknownOption(name, value, Object.keys(types), action);
  }
}

function checkType(name: string, value: unknown, type: OptionType = "any", action: string): void {
  const isRequired = type.startsWith("required ");
  if (value === undefined && !isRequired) return;
  const expected = type.replace("required ", "");
  if (expected === "any" || typeof value === expected) return;
  const state = `"${name}" must be ${expected === "object" ? "an" : "a"} ${expected}`;
  // a token in the place of its function must not show in a message
  if (expected === "function" && value !== undefined) throw new TypeError(cannot(action, state, typeName(value)));
  throwInvalid(TypeError, action, state, value);
}

function unknownOption(name: string, value: unknown, known: readonly string[], action: string): TypeError {
  const suggestion = nearest(name, known);
  const hint = suggestion === undefined ? "" : `, did you mean "${suggestion}"?`;
  // options of other libraries may hold secrets
  return new TypeError(cannot(action, `"${name}" is not an option${hint}`, typeName(value)));
}

function typeName(value: unknown): string {
  return `of type ${value === null ? "null" : typeof value}`;
}

/** The known name that differs from a name by the fewest letters: at most a third of them, but two in a short name. */
export function nearest(name: string, known: readonly string[]): string | undefined {
  const maxDistance = name.length <= 2 ? 1 : Math.max(2, Math.floor(name.length / 3));
  let best: string | undefined;
  let bestDistance = maxDistance + 1;
  for (const candidate of known) {
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance];
  }
  return best;
}

/** How many letters to insert, delete or replace to turn one text into another (Levenshtein). */
function editDistance(from: string, to: string): number {
  let previousRow = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let row = 1; row <= from.length; row++) {
    const currentRow = [row];
    for (let column = 1; column <= to.length; column++) {
      const replaceCost = from[row - 1] === to[column - 1] ? 0 : 1;
      currentRow.push(Math.min(
        (previousRow[column] ?? 0) + 1,
        (currentRow[column - 1] ?? 0) + 1,
        (previousRow[column - 1] ?? 0) + replaceCost,
      ));
    }
    previousRow = currentRow;
  }
  return previousRow[to.length] ?? 0;
}

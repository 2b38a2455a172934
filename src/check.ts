/**
 * Checks what users give: the names, types and durations of options, and the shapes of objects.
 *
 * @module
 */
import { cannot } from "./errors.ts";
import { durationMs } from "./time/duration.ts";

/**
 * The type of each option by its name: `a string`, `a boolean`, `a function or a duration`, or an object by its methods, such
 * as `{ read(), write() }`. Messages show it as it is written.
 */
export type OptionTypes = Readonly<Record<string, string>>;

/** The options that are durations, in milliseconds, each by its name followed by `Ms`. */
export type Lengths = { readonly [Name in `${string}Ms`]?: number };

/**
 * Checks that an object has no options but the known ones, and that each is of its type.
 *
 * @param options What the user gave.
 * @param types The known options.
 * @param doing What is refused if an option is, for messages.
 * @param required The options that must be there.
 * @returns The durations among them.
 * @throws {TypeError} If an option is missing, unknown or of the wrong type.
 * @throws {RangeError} If a duration is not a length above zero.
 */
export function checkOptions(
  options: unknown,
  types: OptionTypes,
  doing: string,
  required: readonly string[] = [],
): Lengths {
  if (typeof options !== "object" || options === null) {
    throw new TypeError(cannot(doing, "its options must be an object", options));
  }
  const given = options as Readonly<Record<string, unknown>>;
  const known = Object.keys(types);
  const lengths: Record<string, number> = {};
  // options may be inherited, as getters of a class are
  for (const name of new Set([...known, ...enumerableNames(given)])) {
    const value = given[name];
    if (value === undefined && required.includes(name)) {
      throw new TypeError(cannot(doing, `"${name}" is required`, value));
    }
    if (value === undefined) continue;
    const type = known.includes(name) ? types[name] : undefined;
    if (type === undefined) {
      throw new TypeError(cannot(doing, `"${name}" is not an option${suggestion(name, known)}`, value));
    }
    if (type.split(" ").includes(typeof value)) continue;
    if (type.endsWith("duration")) lengths[`${name}Ms`] = durationMs(value, name, doing);
    else if (!hasMethods(value, type)) {
      throw new TypeError(cannot(doing, `"${name}" must be ${described(type)}`, value));
    }
  }
  return lengths;
}

/** Whether a value has all methods that a type such as `{ read(), write() }` names; a type that names none is not met. */
export function hasMethods(value: unknown, type: string): boolean {
  const methods = [...type.matchAll(/(\w+)\(/g)].map(([, name]) => name as string);
  return methods.length > 0 &&
    methods.every((name) => typeof (value as Record<string, unknown> | null | undefined)?.[name] === "function");
}

/** Whether a value is a whole number from 0 on that can be told from the next one. */
export function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) < Number.MAX_SAFE_INTEGER;
}

/** The type as messages show it. */
function described(type: string): string {
  return type.startsWith("{") ? `an object with ${type.slice(2, -2)}` : type;
}

function enumerableNames(object: object): string[] {
  const names: string[] = [];
  for (const name in object) names.push(name);
  return names;
}

/** The nearest known name, as the end of a message, or nothing if none is near. */
export function suggestion(name: string, known: readonly string[]): string {
  const distances = known.map((other) => [editDistance(name.toLowerCase(), other.toLowerCase()), other] as const);
  const [distance, nearest] = distances.toSorted(([a], [b]) => a - b)[0] ?? [Infinity, ""];
  return distance <= Math.max(1, name.length / 3) ? `, did you mean "${nearest}"?` : "";
}

/** The Levenshtein distance: how many characters must be added, removed or replaced. */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (const [index, character] of [...from].entries()) {
    const next = [index + 1];
    for (let column = 1; column <= to.length; column++) {
      const replaced = (row[column - 1] ?? 0) + (character === to[column - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[column] ?? 0) + 1, (next[column - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}

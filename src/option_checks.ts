/**
 * Checks the names and types of options, and converts their durations.
 *
 * @module
 */
import { cannot } from "./errors.ts";
import { nearestName } from "./nearest_name.ts";
import { durationMs } from "./time/duration.ts";

type TypeName = "string" | "number" | "boolean" | "function" | "object" | "duration" | "function or duration" | "any";

/**
 * The type of an option. The caller checks an option of type `any`. A list contains the methods that an object must have; those
 * with a question mark may be absent.
 */
export type OptionType = TypeName | `required ${TypeName}` | readonly string[];

/** The known options by name. */
export type OptionTypes = Readonly<Record<string, OptionType>>;

/** The durations among options, in milliseconds, each by the name of its option followed by `Ms`. */
export type Durations<Types extends OptionTypes> = {
  readonly [Name in keyof Types & string as Types[Name] extends `${string}duration` ? `${Name}Ms` : never]?: number;
};

/** The settings of a check. */
export interface OptionCheckSettings {
  /** Whether messages hide values of wrong options, which may be secret: a token in the place of a function, for example. */
  readonly hidesValues?: boolean;
}

/**
 * Checks that all options are known and of the right types.
 *
 * @param options The options of the user.
 * @param types The types by option.
 * @param doing The failed action, as messages name it after "Cannot".
 * @param settings The settings of the check.
 * @returns The durations.
 * @throws {TypeError} If an option is missing, unknown or of the wrong type.
 * @throws {RangeError} If a duration is not longer than zero, or too long.
 */
export function checkOptions<const Types extends OptionTypes>(
  options: unknown,
  types: Types,
  doing: string,
  { hidesValues = false }: OptionCheckSettings = {},
): Durations<Types> {
  if (typeof options !== "object" || options === null) {
    throw new TypeError(cannot(doing, "its options must be an object", options));
  }
  const values = options as Readonly<Record<string, unknown>>;
  const known = Object.keys(types);
  const durations: Record<string, number> = {};
  // known names are read even if they are not own properties, such as the getters of a class
  for (const name of new Set([...known, ...Object.keys(values)])) {
    const value = values[name];
    const type = Object.hasOwn(types, name) ? types[name] : undefined;
    if (type !== undefined) {
      const ms = checkOption(name, value, type, doing, hidesValues);
      if (ms !== undefined) durations[`${name}Ms`] = ms;
    } else if (value !== undefined) {
      const state = `"${name}" is not an option${suggestion(name, known)}`;
      throw new TypeError(hidesValues ? cannotShow(doing, state, value) : cannot(doing, state, value));
    }
  }
  return durations as Durations<Types>;
}

/** Checks one option. Returns its duration in milliseconds, if it is one. */
function checkOption(
  name: string,
  value: unknown,
  type: OptionType,
  doing: string,
  hidesValues: boolean,
): number | undefined {
  const isRequired = typeof type === "string" && type.startsWith("required ");
  if (value === undefined) {
    if (isRequired) throw new TypeError(cannot(doing, `"${name}" is required`, value));
    return undefined;
  }
  if (typeof type !== "string") {
    checkMethods(name, value, type, doing);
    return undefined;
  }
  const expected = type.replace("required ", "") as TypeName;
  if (expected === "any" || typeof value === expected) return undefined;
  if (expected === "function or duration" && typeof value === "function") return undefined;
  if (expected.endsWith("duration")) return durationMs(value, name, doing);
  const state = `"${name}" must be ${expected === "object" ? "an" : "a"} ${expected}`;
  const mayBeSecret = hidesValues && expected === "function";
  throw new TypeError(mayBeSecret ? cannotShow(doing, state, value) : cannot(doing, state, value));
}

/** Checks the methods of an object. */
function checkMethods(name: string, value: unknown, methods: readonly string[], doing: string): void {
  const required = methods.filter((method) => !method.endsWith("?"));
  if (!hasMethods(value, required)) {
    const list = required.map((method) => `${method}()`).join(", ");
    throw new TypeError(cannot(doing, `"${name}" must be an object with ${list}`, value));
  }
  const object = value as Readonly<Record<string, unknown>>;
  for (const method of methods.filter((method) => method.endsWith("?")).map((method) => method.slice(0, -1))) {
    if (object[method] === undefined || hasMethods(object, [method])) continue;
    throw new TypeError(cannot(doing, `"${name}.${method}" must be a function`, object[method]));
  }
}

/** Returns whether a value has all methods of a list. */
export function hasMethods(value: unknown, methods: readonly string[]): boolean {
  const object = value as Readonly<Record<string, unknown>> | null | undefined;
  return methods.every((method) => typeof object?.[method] === "function");
}

/** Returns the message about a value that is not shown. */
function cannotShow(doing: string, state: string, value: unknown): string {
  return `Cannot ${doing} as ${state}: current value is of type ${value === null ? "null" : typeof value}`;
}

/** Returns the end of a message that suggests the nearest known name. It is empty if no name is near. */
function suggestion(name: string, known: readonly string[]): string {
  const nearest = nearestName(name, known);
  return nearest === undefined ? "" : `, did you mean "${nearest}"?`;
}

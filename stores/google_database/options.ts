/**
 * The options that select a project and a database.
 *
 * @module
 */
import { cannot } from "../../src/errors.ts";
import { environmentVariable } from "../http/environment.ts";

/** The name of a project's default database. */
export const DEFAULT_DATABASE = "(default)";

/**
 * The id of the project.
 *
 * @param option The option.
 * @param variables The environment variables to use if it is absent, the most important first.
 * @param action The failed action, as the error message names it after "Cannot".
 * @throws {TypeError} If neither the option nor the environment has one.
 * @throws {RangeError} If it can't be the id of a project.
 */
export function projectIdOf(option: string | undefined, variables: readonly string[], action: string): string {
  const projectId = option ?? variables.map(environmentVariable).find((value) => value !== undefined);
  if (projectId === undefined) {
    throw new TypeError(cannot(action, `"projectId" must be given, or be in ${variables.join(" or ")}`, projectId));
  }
  if (!/^[\w.:-]+$/.test(projectId)) {
    throw new RangeError(cannot(action, '"projectId" must be letters, digits, dots, colons and hyphens', projectId));
  }
  return projectId;
}

/**
 * The id of the database.
 *
 * @param option The option.
 * @param action The failed action, as the error message names it after "Cannot".
 * @returns The id; empty for the default database.
 * @throws {RangeError} If it can't be the id of a database.
 */
export function databaseIdOf(option: string | undefined, action: string): string {
  if (option === undefined || option === DEFAULT_DATABASE) return "";
  if (!/^[\w-]+$/.test(option)) {
    const state = `"databaseId" must be letters, digits and hyphens, or "${DEFAULT_DATABASE}"`;
    throw new RangeError(cannot(action, state, option));
  }
  return option;
}

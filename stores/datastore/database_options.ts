/**
 * The options that say which database of which project.
 *
 * @module
 */
import { refuse } from "../../src/errors.ts";
import { environmentVariable } from "../google_auth/environment.ts";

/** As users may call a project's default database, and as Firestore does. */
export const DEFAULT_DATABASE = "(default)";

/**
 * The project's id.
 *
 * @param given The option.
 * @param variables The environment variables that stand in for it, in this order.
 * @param doing What is refused if there is none, as messages say it after "Cannot".
 * @throws {TypeError} If there is none.
 * @throws {RangeError} If no project can have it.
 */
export function projectIdOf(given: string | undefined, variables: readonly string[], doing: string): string {
  let projectId = given;
  for (const variable of variables) projectId ??= environmentVariable(variable);
  if (projectId === undefined) {
    refuse(TypeError, `"projectId" must be given, or be in ${variables.join(" or ")}`, projectId, doing);
  }
  if (!/^[\w.:-]+$/.test(projectId)) {
    refuse(RangeError, '"projectId" must be letters, digits, dots, colons and hyphens', projectId, doing);
  }
  return projectId;
}

/**
 * The database's id.
 *
 * @param given The option.
 * @param doing What is refused if it is, as messages say it after "Cannot".
 * @returns The id; empty for the default database.
 * @throws {RangeError} If no database can have it.
 */
export function databaseIdOf(given: string | undefined, doing: string): string {
  if (given === undefined || given === DEFAULT_DATABASE) return "";
  if (!/^[\w-]+$/.test(given)) {
    refuse(RangeError, `"databaseId" must be letters, digits and hyphens, or "${DEFAULT_DATABASE}"`, given, doing);
  }
  return given;
}

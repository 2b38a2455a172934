/**
 * Calls to Google's databases: a message as JSON, and what its answer means.
 *
 * @module
 */
import type { Attempts } from "../http/attempts.ts";
import { errorIn, type HttpAnswer, type HttpRequest, jsonOf, property, unusable } from "../http/exchange.ts";

/** A database, and how requests to it are made. */
export interface Database {
  /** What the service is called in messages. */
  readonly service: string;
  /** What the methods' names are appended to, after a colon. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly projectId: string;
  /** Empty for the project's default database. */
  readonly databaseId: string;
}

/** The request that calls a method with a message. */
export function requestOf(database: Database, method: string, message: unknown): HttpRequest {
  return {
    method: "POST",
    url: `${database.url}:${method}`,
    headers: { ...database.headers, "content-type": "application/json" },
    body: new TextEncoder().encode(JSON.stringify(message)),
    isDeclined: isAborted,
  };
}

/** Whether others were at the record at the same time: of the codes that ask for another attempt, it says that nothing was done. */
export function isAborted(answer: HttpAnswer): boolean {
  return codeOf(answer) === "ABORTED";
}

/** What went wrong, by its canonical code: the status of HTTP has one number for several. */
export function codeOf(answer: HttpAnswer): unknown {
  return property(errorIn(jsonOf(answer)), "status");
}

/** A list's first entry, of whatever that is. */
export function first(value: unknown): unknown {
  return Array.isArray(value) ? value[0] : undefined;
}

/**
 * What a condition that does not hold means for a write.
 *
 * @returns `null`: nothing was written.
 * @throws If it may be an earlier attempt of the same write that has changed the record.
 */
export function conflict(attempts: Attempts, answer: HttpAnswer, doing: string): null {
  if (attempts.inDoubt) throw unusable(doing, "an earlier attempt may have been written", answer);
  return null;
}

/** The error for an answer that no other attempt would change. */
export function refused(answer: HttpAnswer, database: Database, permission: string, doing: string): Error {
  const { service, projectId, databaseId } = database;
  const { status } = answer;
  const needed = `${permission}, which roles/datastore.user has`;
  if (status === 401) return unusable(doing, `${service} takes no token of this sign-in`, answer);
  if (status === 403) return unusable(doing, `the sign-in may lack ${needed}`, answer);
  if (status === 404) {
    const name = databaseId === "" ? "default database" : `database "${databaseId}"`;
    return unusable(doing, `project "${projectId}" may have no ${name} for ${service}`, answer);
  }
  return unusable(doing, `${service} refuses, for which ${needed}, may be missing`, answer);
}

/**
 * Requests to Google's databases, and the meaning of their responses.
 *
 * @module
 */
import type { HttpCall, RetriedRequest } from "../http/call.ts";
import { errorIn, type HttpResponse, jsonIn, property, responseError } from "../http/response.ts";

/** A database, and how to send it requests. */
export interface Database {
  /** The name of the service in messages. */
  readonly serviceName: string;
  /** The URL to which a colon and the name of a method are appended. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly projectId: string;
  /** Empty for the default database of the project. */
  readonly databaseId: string;
}

/** The request that calls a method. */
export function methodRequest(database: Database, method: string, message: unknown): RetriedRequest {
  return {
    method: "POST",
    url: `${database.url}:${method}`,
    headers: { ...database.headers, "content-type": "application/json" },
    body: new TextEncoder().encode(JSON.stringify(message)),
    isDeclined: isAborted,
  };
}

/** Whether a call did nothing, because of concurrent calls for the same record. */
export function isAborted(response: HttpResponse): boolean {
  return errorCode(response) === "ABORTED";
}

/** The canonical error code. It says more than the HTTP status, which several codes share. */
export function errorCode(response: HttpResponse): unknown {
  return property(errorIn(jsonIn(response)), "status");
}

/** The first item of a list; `undefined` if the value is not a list. */
export function first(value: unknown): unknown {
  return Array.isArray(value) ? value[0] : undefined;
}

/**
 * The result of a write whose condition does not hold.
 *
 * @returns `null`: nothing was written.
 * @throws If an earlier attempt of the same write may have changed the record.
 */
export function conflict(call: HttpCall, response: HttpResponse, action: string): null {
  if (call.mayHaveWritten) throw responseError(action, "an earlier attempt may have been written", response);
  return null;
}

/** Whether an error code means that the condition of a write does not hold. */
export function isConflict(code: unknown, version: string | null): boolean {
  return code === (version === null ? "ALREADY_EXISTS" : "NOT_FOUND");
}

/** The permission that a write needs. */
export function writePermission(version: string | null): string {
  return `datastore.entities.${version === null ? "create" : "update"}`;
}

/** The error of a response that no retry would change. */
export function rejectedError(response: HttpResponse, database: Database, permission: string, action: string): Error {
  const { serviceName, projectId, databaseId } = database;
  const permissions = `${permission}, which roles/datastore.user has`;
  switch (response.status) {
    case 401:
      return responseError(action, `${serviceName} does not accept the access token`, response);
    case 403:
      return responseError(action, `the account may lack ${permissions}`, response);
    case 404: {
      const name = databaseId === "" ? "default database" : `database "${databaseId}"`;
      return responseError(action, `project "${projectId}" may have no ${name} for ${serviceName}`, response);
    }
    default:
      return responseError(action, `${serviceName} rejected the request, maybe for lack of ${permissions}`, response);
  }
}

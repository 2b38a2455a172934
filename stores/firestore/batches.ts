/**
 * Reads and writes of documents that share requests.
 *
 * @module
 */
import { type Database, methodRequest } from "../google_database/requests.ts";
import { SharedRequests } from "../google_database/shared_requests.ts";
import { type HttpResponse, jsonIn, property, withJson } from "../http/response.ts";

/** The requests that documents of a database share. */
export interface DocumentBatches {
  /** Reads, by the names of their documents. */
  readonly reads: SharedRequests<string>;
  /** Writes, as messages hold them. */
  readonly writes: SharedRequests<unknown>;
}

/** The codes of google.rpc.Code, from 0, each with its HTTP status. */
const CODES: readonly (readonly [code: string, status: number])[] = [
  ["OK", 200],
  ["CANCELLED", 499],
  ["UNKNOWN", 500],
  ["INVALID_ARGUMENT", 400],
  ["DEADLINE_EXCEEDED", 504],
  ["NOT_FOUND", 404],
  ["ALREADY_EXISTS", 409],
  ["PERMISSION_DENIED", 403],
  ["RESOURCE_EXHAUSTED", 429],
  ["FAILED_PRECONDITION", 400],
  ["ABORTED", 409],
  ["OUT_OF_RANGE", 400],
  ["UNIMPLEMENTED", 501],
  ["INTERNAL", 500],
  ["UNAVAILABLE", 503],
  ["DATA_LOSS", 500],
  ["UNAUTHENTICATED", 401],
];

/** Creates the requests of a database, none of which is sent yet. */
export function documentBatches(database: Database): DocumentBatches {
  return {
    reads: new SharedRequests<string>({
      join: (documents) => methodRequest(database, "batchGet", { documents }),
      split: splitReads,
    }),
    // unlike "commit", it writes each document on its own, and says how each write ended
    writes: new SharedRequests<unknown>({
      join: (writes) => methodRequest(database, "batchWrite", { writes }),
      split: splitWrites,
    }),
  };
}

/** The answer about each document. None about one means that the answer is incomplete; the document can be read again. */
function splitReads(response: HttpResponse, names: readonly string[]): (HttpResponse | undefined)[] {
  const json = jsonIn(response);
  const results = new Map<string, unknown>();
  for (const result of Array.isArray(json) ? json : []) {
    const name = property(property(result, "found"), "name") ?? property(result, "missing");
    if (typeof name === "string") results.set(idOf(name), result);
  }
  return names.map((name) => {
    const result = results.get(idOf(name));
    return result === undefined ? undefined : withJson(response, [result]);
  });
}

/** The last part of a name: the service may write the project in another way. */
function idOf(name: string): string {
  return name.slice(name.lastIndexOf("/") + 1);
}

/** The answer about each write. If there is not one for each, it is not known how any of them ended. */
function splitWrites(response: HttpResponse, writes: readonly unknown[]): HttpResponse[] {
  const json = jsonIn(response);
  const [results, statuses] = [property(json, "writeResults"), property(json, "status")];
  const isForEach = (list: unknown): list is readonly unknown[] => Array.isArray(list) && list.length === writes.length;
  if (!isForEach(results) || !isForEach(statuses)) return writes.map(() => withJson(response, {}));
  return results.map((result, index) => writeResponse(response, result, statuses[index]));
}

/** The response that a write would have got on its own. */
function writeResponse(response: HttpResponse, result: unknown, writeStatus: unknown): HttpResponse {
  const code = property(writeStatus, "code") ?? 0;
  if (code === 0) return withJson(response, { writeResults: [result] });
  // an error without a known code says as little as this one
  const [name, status] = CODES[Number(code)] ?? ["UNKNOWN", 500];
  const message = property(writeStatus, "message");
  return { ...withJson(response, { error: { code: status, message, status: name } }), status };
}

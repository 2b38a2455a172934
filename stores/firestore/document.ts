/**
 * Reads and conditional writes of one document of a database in native mode.
 *
 * @module
 */
import { cannot } from "../../src/errors.ts";
import type { StatusEntry } from "../../src/store/store.ts";
import { readTimeOf } from "../google_database/read_time.ts";
import { propertiesOf, recordIn } from "../google_database/record_property.ts";
import {
  conflict,
  type Database,
  errorCode,
  first,
  isConflict,
  methodRequest,
  rejectedError,
  writePermission,
} from "../google_database/requests.ts";
import type { HttpCall } from "../http/call.ts";
import { type HttpResponse, jsonIn, property, responseError } from "../http/response.ts";
import type { DocumentBatches } from "./batches.ts";

/** A document. */
export interface FirestoreDocument {
  readonly database: Database;
  readonly batches: DocumentBatches;
  /** Its full resource name. */
  readonly name: string;
}

/** A conditional write. */
export interface DocumentWrite {
  readonly document: FirestoreDocument;
  readonly value: Uint8Array;
  /** The update time of the version to replace; `null` if there must be no document. */
  readonly version: string | null;
  /** The action, as error messages name it after "Cannot". */
  readonly action: string;
}

/** Reads a document; `null` if there is none. */
export async function readDocument(
  call: HttpCall,
  document: FirestoreDocument,
  action: string,
): Promise<StatusEntry | null> {
  const { database, batches, name } = document;
  // unlike `get`, it returns the time of the read, and distinguishes a missing document from a missing database
  const request = methodRequest(database, "batchGet", { documents: [name] });
  const response = await call.send(batches.reads.share(request, { name, part: name }));
  if (response.status !== 200) throw rejectedError(response, database, "datastore.entities.get", action);
  const json = jsonIn(response);
  const results: readonly unknown[] = Array.isArray(json) ? json : [];
  for (const result of results) {
    const found = property(result, "found");
    const version = property(found, "updateTime");
    if (isUpdateTime(version)) {
      const value = recordIn(property(found, "fields"), "bytesValue");
      return { value, version, ...readTimeOf(property(result, "readTime"), response.headers) };
    }
    if (typeof property(result, "missing") === "string") return null;
  }
  throw responseError(
    action,
    "the answer must hold a document with an update time, or say that it is missing",
    response,
  );
}

/** Writes a document. Returns its new update time, or `null` if the condition does not hold. */
export async function writeDocument(call: HttpCall, write: DocumentWrite): Promise<string | null> {
  const { document, value, version, action } = write;
  const { database, batches, name } = document;
  const part = {
    update: { name, fields: propertiesOf(value, "bytesValue") },
    currentDocument: version === null ? { exists: false } : { updateTime: version },
  };
  const request = methodRequest(database, "commit", { writes: [part] });
  const response = await call.send(batches.writes.share(request, { name, part }));
  if (response.status === 200) return newUpdateTime(response, action);
  const code = errorCode(response);
  if (isConflict(code, version)) return conflict(call, response, action);
  if (code === "FAILED_PRECONDITION") {
    const result = conflict(call, response, action);
    // the code may also mean that the database is in another mode, or can't be written to
    const current = await readDocument(call, document, action);
    const hasChanged = (current?.version ?? null) !== version;
    if (hasChanged) return result;
  }
  throw rejectedError(response, database, writePermission(version), action);
}

/** Whether a value is an update time. It has more digits than a `Date` holds, so it is kept as a string. */
export function isUpdateTime(value: unknown): value is string {
  return typeof value === "string" && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z$/.test(value);
}

function newUpdateTime(response: HttpResponse, action: string): string {
  const updateTime = property(first(property(jsonIn(response), "writeResults")), "updateTime");
  if (isUpdateTime(updateTime)) return updateTime;
  throw new Error(cannot(action, "the answer must hold the new update time", updateTime));
}

/**
 * One document of a database in Firestore's native mode: its reads and its conditional writes.
 *
 * @module
 */
import { refusal, shown } from "../../src/errors.ts";
import type { StatusEntry } from "../../src/store/store.ts";
import { readTimeOf } from "../datastore/read_time.ts";
import { propertiesOf, recordIn } from "../datastore/record.ts";
import { codeOf, conflict, type Database, first, refused, requestOf } from "../datastore/rpc.ts";
import type { Attempts } from "../http/attempts.ts";
import { jsonOf, property, unusable } from "../http/exchange.ts";

/** Which document. */
export interface FirestoreDocument {
  readonly database: Database;
  /** Its full name. */
  readonly name: string;
}

/** What a write is to do. */
export interface DocumentChange {
  readonly document: FirestoreDocument;
  readonly value: Uint8Array;
  /** The update time that must still stand; `null` if there must be no document yet. */
  readonly version: string | null;
  /** How messages say it after "Cannot". */
  readonly doing: string;
}

/** A document's update time, which has more digits than a JavaScript `Date`: it is kept as it came. */
export const UPDATE_TIME: RegExp = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z$/;

/** Reads a document; `null` if there is none. */
export async function readDocument(
  attempts: Attempts,
  document: FirestoreDocument,
  doing: string,
): Promise<StatusEntry | null> {
  const { database, name } = document;
  // the one method that tells when it has read, and a missing document from a missing database
  const answer = await attempts.send(requestOf(database, "batchGet", { documents: [name] }));
  if (answer.status !== 200) throw refused(answer, database, "datastore.entities.get", doing);
  const json = jsonOf(answer);
  const results = Array.isArray(json) ? json : [];
  for (const result of results) {
    const found = property(result, "found");
    const version = property(found, "updateTime");
    if (typeof version === "string" && UPDATE_TIME.test(version)) {
      const value = recordIn(property(found, "fields"), "bytesValue");
      return { value, version, ...readTimeOf(property(result, "readTime"), answer.headers) };
    }
    if (typeof property(result, "missing") === "string") return null;
  }
  throw unusable(doing, "the answer has neither a document with its time nor says that it is missing", answer);
}

/** Writes a document on its condition; the new update time, or `null` if the condition does not hold. */
export async function writeDocument(attempts: Attempts, change: DocumentChange): Promise<string | null> {
  const { document, value, version, doing } = change;
  const { database, name } = document;
  const write = {
    update: { name, fields: propertiesOf(value, "bytesValue") },
    currentDocument: version === null ? { exists: false } : { updateTime: version },
  };
  const answer = await attempts.send(requestOf(database, "commit", { writes: [write] }));
  if (answer.status === 200) {
    const next = property(first(property(jsonOf(answer), "writeResults")), "updateTime");
    if (typeof next === "string" && UPDATE_TIME.test(next)) return next;
    throw new Error(refusal("the answer has no update time", shown(next), doing));
  }
  const code = codeOf(answer);
  if (code === (version === null ? "ALREADY_EXISTS" : "NOT_FOUND")) return conflict(attempts, answer, doing);
  if (code === "FAILED_PRECONDITION") {
    const outcome = conflict(attempts, answer, doing);
    // a database says so too that is not in the native mode, or in no state to be written to
    const current = await readDocument(attempts, document, doing);
    if ((current?.version ?? null) !== version) return outcome;
  }
  throw refused(answer, database, `datastore.entities.${version === null ? "create" : "update"}`, doing);
}

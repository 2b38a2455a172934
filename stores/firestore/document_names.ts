/**
 * Lists the names of documents of a database in native mode.
 *
 * @module
 */
import { keyOf } from "../google_database/names.ts";
import { type Database, methodRequest, rejectedError } from "../google_database/requests.ts";
import type { HttpCall } from "../http/call.ts";
import { jsonIn, property, responseError } from "../http/response.ts";
import { type KeyPage, PAGE_SIZE } from "../listing/key_pages.ts";

/** The documents of one page. */
export interface DocumentQuery {
  readonly database: Database;
  /** The resource name of the collection. */
  readonly collection: string;
  /** The name of the last document of the page before; `undefined` for the first page. */
  readonly last: string | undefined;
  /** The action, as error messages name it after "Cannot". */
  readonly action: string;
}

/** Reads the keys of one page, by a query for names alone. */
export async function readDocumentNames(call: HttpCall, query: DocumentQuery): Promise<KeyPage> {
  const { database, collection, action } = query;
  const response = await call.send(methodRequest(database, "runQuery", { structuredQuery: structuredQuery(query) }));
  if (response.status !== 200) throw rejectedError(response, database, "datastore.entities.list", action);
  const json = jsonIn(response);
  const results: readonly unknown[] = Array.isArray(json) ? json : [undefined];
  const names: string[] = [];
  for (const result of results) {
    const name = property(property(result, "document"), "name");
    if (typeof name === "string") names.push(name);
    // a result may hold the time of the read alone; any other is an error in the middle of the answer
    else if (typeof property(result, "readTime") !== "string") {
      throw responseError(action, "the answer must hold the names of documents", response);
    }
  }
  const keys = names.flatMap((name) => keyOf(name.slice(collection.length + 1)) ?? []);
  return { keys, next: names.length < PAGE_SIZE ? undefined : names.at(-1) };
}

function structuredQuery({ collection, last }: DocumentQuery): unknown {
  const nameField = { fieldPath: "__name__" };
  const collectionId = collection.slice(collection.lastIndexOf("/") + 1);
  return {
    select: { fields: [nameField] },
    from: [{ collectionId }],
    orderBy: [{ field: nameField, direction: "ASCENDING" }],
    limit: PAGE_SIZE,
    // after the last name, not at it
    ...(last === undefined ? {} : { startAt: { values: [{ referenceValue: last }], before: false } }),
  };
}

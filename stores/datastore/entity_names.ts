/**
 * Lists the names of entities of a database in Datastore mode.
 *
 * @module
 */
import { keyOf } from "../google_database/names.ts";
import { methodRequest, rejectedError } from "../google_database/requests.ts";
import type { HttpCall } from "../http/call.ts";
import { jsonIn, property, responseError } from "../http/response.ts";
import { type KeyPage, PAGE_SIZE } from "../listing/key_pages.ts";
import { databaseField, type EntityLocation, partitionOf } from "./entity.ts";

/** The entities of one page. */
export interface EntityQuery {
  readonly location: EntityLocation;
  /** The cursor of the page; `undefined` for the first one. */
  readonly cursor: string | undefined;
  /** The action, as error messages name it after "Cannot". */
  readonly action: string;
}

/** Reads the keys of one page, by a query for names alone. */
export async function readEntityNames(call: HttpCall, { location, cursor, action }: EntityQuery): Promise<KeyPage> {
  const { database, kind } = location;
  const query = {
    kind: [{ name: kind }],
    projection: [{ property: { name: "__key__" } }],
    limit: PAGE_SIZE,
    ...(cursor === undefined ? {} : { startCursor: cursor }),
  };
  const message = { ...databaseField(location), partitionId: partitionOf(location), query };
  const response = await call.send(methodRequest(database, "runQuery", message));
  if (response.status !== 200) throw rejectedError(response, database, "datastore.entities.list", action);
  const batch = property(jsonIn(response), "batch");
  // a batch without entities has no results
  const results = property(batch, "entityResults") ?? [];
  const endCursor = property(batch, "endCursor");
  const isLast = isLastBatch(property(batch, "moreResults"), results);
  if (batch === undefined || !Array.isArray(results) || !(isLast || typeof endCursor === "string")) {
    throw responseError(action, "the answer must hold a batch of entities", response);
  }
  return { keys: results.flatMap((result) => keyIn(result) ?? []), next: isLast ? undefined : String(endCursor) };
}

/** Whether no batch follows. The emulator says that there may be more results even after the last one. */
function isLastBatch(moreResults: unknown, results: unknown): boolean {
  if (moreResults === "NO_MORE_RESULTS") return true;
  return moreResults !== "NOT_FINISHED" && Array.isArray(results) && results.length === 0;
}

/** The key of a record; `undefined` for an entity of another program: one with a parent, a number or another name. */
function keyIn(result: unknown): string | undefined {
  const path = property(property(property(result, "entity"), "key"), "path");
  if (!Array.isArray(path) || path.length !== 1) return undefined;
  const name = property(path[0], "name");
  return typeof name === "string" ? keyOf(name) : undefined;
}

/**
 * Reads of entities that share requests.
 *
 * Writes don't: if one mutation of a commit fails, the error does not say which of the others took effect.
 *
 * @module
 */
import { first } from "../google_database/requests.ts";
import { SharedRequests } from "../google_database/shared_requests.ts";
import { type HttpResponse, jsonIn, property, withJson } from "../http/response.ts";
import { type EntityLocation, lookupRequest } from "./entity.ts";

/** Creates the reads of the entities of a kind, by their names. None is sent yet. */
export function entityReads(location: EntityLocation): SharedRequests<string> {
  return new SharedRequests<string>({
    join: (names) => lookupRequest(location, names),
    split: splitLookup,
  });
}

/** The answer about each entity. None about one means that the answer is incomplete; the entity can be read again. */
function splitLookup(response: HttpResponse, names: readonly string[]): (HttpResponse | undefined)[] {
  const json = jsonIn(response);
  const readTime = property(json, "readTime");
  const responses = new Map<unknown, HttpResponse>();
  const add = (list: string, keyOf: (item: unknown) => unknown): void => {
    const items = property(json, list);
    for (const item of Array.isArray(items) ? items : []) {
      const name = property(first(property(keyOf(item), "path")), "name");
      responses.set(name, withJson(response, { [list]: [item], readTime }));
    }
  };
  add("deferred", (key) => key);
  for (const list of ["missing", "found"]) add(list, (result) => property(property(result, "entity"), "key"));
  return names.map((name) => responses.get(name));
}

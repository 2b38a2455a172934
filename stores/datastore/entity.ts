/**
 * One entity of a database in Datastore mode: its reads and its conditional writes.
 *
 * @module
 */
import { refusal, shown } from "../../src/errors.ts";
import type { StatusEntry } from "../../src/store/store.ts";
import type { Attempts } from "../http/attempts.ts";
import { type HttpAnswer, jsonOf, property, unusable } from "../http/exchange.ts";
import { readTimeOf } from "./read_time.ts";
import { propertiesOf, recordIn } from "./record.ts";
import { codeOf, conflict, type Database, first, isAborted, refused, requestOf } from "./rpc.ts";

/** Which entity. */
export interface Entity {
  readonly database: Database;
  /** Empty for the default namespace. */
  readonly namespace: string;
  readonly kind: string;
  readonly name: string;
}

/** What a write is to do. */
export interface EntityChange {
  readonly entity: Entity;
  readonly value: Uint8Array;
  /** The version that must still stand; `null` if there must be no entity yet. */
  readonly version: string | null;
  /** How messages say it after "Cannot". */
  readonly doing: string;
}

/** An entity's version: a positive 64-bit integer, which a JavaScript number can't hold. */
export const ENTITY_VERSION: RegExp = /^[1-9]\d{0,18}$/;

/** Reads an entity; `null` if there is none. */
export async function readEntity(attempts: Attempts, entity: Entity, doing: string): Promise<StatusEntry | null> {
  const { database } = entity;
  const message = { ...selector(entity), readOptions: { readConsistency: "STRONG" }, keys: [keyOf(entity)] };
  const answer = await attempts.send({ ...requestOf(database, "lookup", message), isDeclined: isPutOff });
  if (answer.status !== 200) throw refused(answer, database, "datastore.entities.get", doing);
  const json = jsonOf(answer);
  const found = first(property(json, "found"));
  const version = property(found, "version");
  if (typeof version === "string" && ENTITY_VERSION.test(version)) {
    const value = recordIn(property(property(found, "entity"), "properties"), "blobValue");
    return { value, version, ...readTimeOf(property(json, "readTime"), answer.headers) };
  }
  if (found === undefined && first(property(json, "missing")) !== undefined) return null;
  throw unusable(doing, "the answer has neither an entity with its version nor says that it is missing", answer);
}

/** Writes an entity on its condition; the new version, or `null` if the condition does not hold. */
export async function writeEntity(attempts: Attempts, change: EntityChange): Promise<string | null> {
  const { entity, value, version, doing } = change;
  const { database } = entity;
  const written = { key: keyOf(entity), properties: propertiesOf(value, "blobValue", { excludeFromIndexes: true }) };
  // never "upsert": a server that does not know the condition must not create what is gone
  const mutation = version === null ? { insert: written } : { update: written, baseVersion: version };
  const message = { ...selector(entity), mode: "NON_TRANSACTIONAL", mutations: [mutation] };
  const answer = await attempts.send(requestOf(database, "commit", message));
  if (answer.status === 200) {
    const result = first(property(jsonOf(answer), "mutationResults"));
    if (property(result, "conflictDetected") === true) return conflict(attempts, answer, doing);
    const next = property(result, "version");
    if (typeof next === "string" && ENTITY_VERSION.test(next)) return next;
    throw new Error(refusal("the answer has no version", shown(next), doing));
  }
  if (codeOf(answer) === (version === null ? "ALREADY_EXISTS" : "NOT_FOUND")) return conflict(attempts, answer, doing);
  throw refused(answer, database, `datastore.entities.${version === null ? "create" : "update"}`, doing);
}

/** Whether the service may look the entity up when it has less to do. */
function isPutOff(answer: HttpAnswer): boolean {
  return isAborted(answer) || answer.status === 200 && first(property(jsonOf(answer), "deferred")) !== undefined;
}

/** Which database a message is for. */
function selector({ database }: Entity): Readonly<Record<string, string>> {
  return database.databaseId === "" ? {} : { databaseId: database.databaseId };
}

function keyOf(entity: Entity): unknown {
  const { database, namespace, kind, name } = entity;
  const partitionId = {
    projectId: database.projectId,
    ...selector(entity),
    ...(namespace === "" ? {} : { namespaceId: namespace }),
  };
  return { partitionId, path: [{ kind, name }] };
}

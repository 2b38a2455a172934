/**
 * Reads and conditional writes of one entity of a database in Datastore mode.
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
  isAborted,
  isConflict,
  methodRequest,
  rejectedError,
  writePermission,
} from "../google_database/requests.ts";
import type { SharedRequests } from "../google_database/shared_requests.ts";
import type { HttpCall, RetriedRequest } from "../http/call.ts";
import { type HttpResponse, jsonIn, property, responseError } from "../http/response.ts";

/** Where the entities of a store are. */
export interface EntityLocation {
  readonly database: Database;
  /** Empty for the default namespace. */
  readonly namespace: string;
  readonly kind: string;
}

/** An entity. */
export interface Entity extends EntityLocation {
  readonly name: string;
}

/** A read. */
export interface EntityRead {
  readonly entity: Entity;
  /** The reads with which it may share a request. */
  readonly reads: SharedRequests<string>;
  /** The action, as error messages name it after "Cannot". */
  readonly action: string;
}

/** A conditional write. */
export interface EntityWrite {
  readonly entity: Entity;
  readonly value: Uint8Array;
  /** The version to replace; `null` if there must be no entity. */
  readonly version: string | null;
  /** The action, as error messages name it after "Cannot". */
  readonly action: string;
}

/** Reads an entity; `null` if there is none. */
export async function readEntity(call: HttpCall, { entity, reads, action }: EntityRead): Promise<StatusEntry | null> {
  const { database, name } = entity;
  const response = await call.send(reads.share(lookupRequest(entity, [name]), { name, part: name }));
  if (response.status !== 200) throw rejectedError(response, database, "datastore.entities.get", action);
  const json = jsonIn(response);
  const found = first(property(json, "found"));
  const version = property(found, "version");
  if (isEntityVersion(version)) {
    const value = recordIn(property(property(found, "entity"), "properties"), "blobValue");
    return { value, version, ...readTimeOf(property(json, "readTime"), response.headers) };
  }
  const isMissing = first(property(json, "missing")) !== undefined;
  if (found === undefined && isMissing) return null;
  throw responseError(action, "the answer must hold an entity with a version, or say that it is missing", response);
}

/** Writes an entity. Returns its new version, or `null` if the condition does not hold. */
export async function writeEntity(call: HttpCall, write: EntityWrite): Promise<string | null> {
  const { entity, value, version, action } = write;
  const { database } = entity;
  const written = {
    key: keyOf(entity, entity.name),
    properties: propertiesOf(value, "blobValue", { excludeFromIndexes: true }),
  };
  // not "upsert": a server that ignores the condition must not create an entity
  const mutation = version === null ? { insert: written } : { update: written, baseVersion: version };
  const message = { ...databaseField(entity), mode: "NON_TRANSACTIONAL", mutations: [mutation] };
  const response = await call.send(methodRequest(database, "commit", message));
  if (response.status === 200) {
    const result = first(property(jsonIn(response), "mutationResults"));
    if (property(result, "conflictDetected") === true) return conflict(call, response, action);
    const newVersion = property(result, "version");
    if (isEntityVersion(newVersion)) return newVersion;
    throw new Error(cannot(action, "the answer must hold the new version", newVersion));
  }
  if (isConflict(errorCode(response), version)) return conflict(call, response, action);
  throw rejectedError(response, database, writePermission(version), action);
}

/** Whether a value is a version: a positive 64-bit integer as a string. */
export function isEntityVersion(value: unknown): value is string {
  return typeof value === "string" && /^[1-9]\d{0,18}$/.test(value);
}

/** The request that reads entities by their names. */
export function lookupRequest(location: EntityLocation, names: readonly string[]): RetriedRequest {
  const keys = names.map((name) => keyOf(location, name));
  const message = { ...databaseField(location), readOptions: { readConsistency: "STRONG" }, keys };
  return { ...methodRequest(location.database, "lookup", message), isDeclined: isNotReady };
}

/** Whether the service asks to repeat the lookup. */
function isNotReady(response: HttpResponse): boolean {
  if (isAborted(response)) return true;
  return response.status === 200 && first(property(jsonIn(response), "deferred")) !== undefined;
}

/** The field of a message that names the database; none for the default one. */
export function databaseField(
  { database: { databaseId } }: Pick<EntityLocation, "database">,
): Readonly<Record<string, string>> {
  return databaseId === "" ? {} : { databaseId };
}

/** The partition of entities: their database and namespace. */
export function partitionOf(location: Omit<EntityLocation, "kind">): unknown {
  const { database, namespace } = location;
  return {
    projectId: database.projectId,
    ...databaseField(location),
    ...(namespace === "" ? {} : { namespaceId: namespace }),
  };
}

function keyOf(location: EntityLocation, name: string): unknown {
  return { partitionId: partitionOf(location), path: [{ kind: location.kind, name }] };
}

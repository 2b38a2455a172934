/**
 * A fake of Datastore. It has the methods that a store calls, and checks requests strictly by the documentation of the REST API.
 *
 *   deno run --allow-net tests/helpers/fake_datastore.ts
 *
 * @module
 */
import {
  checkBytes,
  FakeDatabase,
  fieldsOf,
  nameOf,
  onlyOf,
  ServiceError,
  stringOf,
  timeText,
} from "./fake_database.ts";
import { FaultServer } from "./fault_server.ts";
import type { FakeRequest } from "./fault_service.ts";

/** An entity. */
export interface FakeEntity {
  readonly properties: unknown;
  readonly version: string;
}

const METHOD = /^\/v1\/projects\/([\w.~-]|%[0-9A-F]{2})+:(lookup|commit)$/;

/** A Datastore in memory. */
export class FakeDatastore extends FakeDatabase {
  /** The entities, by project, database, namespace, kind and name with spaces between them. */
  readonly entities: Map<string, FakeEntity> = new Map();
  /** How an update of a missing entity ends. The documentation allows both. */
  missingUpdate: "NOT_FOUND" | "conflict" = "NOT_FOUND";
  /** How many of the next lookups defer their keys. */
  deferrals = 0;
  /** Whether lookups return the time of the read. */
  returnsReadTime = true;

  /** Writes an entity, as another program would. Returns its version. */
  put(key: string, properties: unknown): string {
    const version = versionAt(this.tick());
    this.entities.set(key, { properties, version });
    return version;
  }

  protected override call(path: string, message: unknown, { headers }: FakeRequest): unknown {
    const [, , method] = METHOD.exec(path) ?? [];
    if (method === undefined) throw new ServiceError("NOT_FOUND", "No such method");
    const project = decodeURIComponent(path.slice("/v1/projects/".length, -method.length - 1));
    const { databaseId = "" } = method === "lookup"
      ? fieldsOf(message, "databaseId", "readOptions", "keys")
      : fieldsOf(message, "databaseId", "mode", "mutations");
    const database = stringOf(databaseId, /^[a-z\d-]*$/);
    this.checkDatabase(database || "(default)", project);
    const route = `project_id=${encodeURIComponent(project)}${database && `&database_id=${database}`}`;
    if (headers.get("x-goog-request-params") !== route) {
      throw new ServiceError("INVALID_ARGUMENT", "The routing header does not match");
    }
    const keyText = (key: unknown): string => entityKeyOf(key, project, database);
    return method === "lookup" ? this.#lookup(message, keyText) : this.#commit(message, keyText);
  }

  #lookup(message: unknown, keyText: (key: unknown) => string): unknown {
    const { keys, readOptions } = message as Record<string, unknown>;
    if (fieldsOf(readOptions, "readConsistency")["readConsistency"] !== "STRONG") {
      throw new ServiceError("INVALID_ARGUMENT", "A store needs strongly consistent lookups");
    }
    const key = onlyOf(keys);
    const entity = this.entities.get(keyText(key));
    const now = this.tick();
    const readTime = this.returnsReadTime ? { readTime: timeText(now) } : {};
    if (this.deferrals > 0) {
      this.deferrals--;
      return { deferred: [key], ...readTime };
    }
    if (!entity) return { missing: [{ entity: { key }, version: versionAt(now) }], ...readTime };
    const { properties, version } = entity;
    return { found: [{ entity: { key, properties }, version, updateTime: timeText(now) }], ...readTime };
  }

  #commit(message: unknown, keyText: (key: unknown) => string): unknown {
    const { mode, mutations } = message as Record<string, unknown>;
    stringOf(mode, /^NON_TRANSACTIONAL$/);
    const mutation = fieldsOf(onlyOf(mutations), "insert", "update", "baseVersion");
    const { insert, update, baseVersion } = mutation;
    if ((insert === undefined) === (update === undefined)) {
      throw new ServiceError("INVALID_ARGUMENT", "Not one operation");
    }
    const { key, properties } = fieldsOf(insert ?? update, "key", "properties");
    const place = keyText(key);
    checkProperties(properties);
    const current = this.entities.get(place);
    if (insert !== undefined && current) throw new ServiceError("ALREADY_EXISTS", `entity already exists: ${place}`);
    if (baseVersion !== undefined && stringOf(baseVersion, /^[1-9]\d*$/) !== current?.version) {
      const isConflict = current || this.missingUpdate === "conflict";
      const version = current?.version ?? versionAt(this.tick());
      if (isConflict) return { mutationResults: [{ version, conflictDetected: true }] };
    }
    if (insert === undefined && !current) throw new ServiceError("NOT_FOUND", `no entity to update: ${place}`);
    // a write of the same properties keeps the version
    if (current && JSON.stringify(current.properties) === JSON.stringify(properties)) {
      return { mutationResults: [{ version: current.version }] };
    }
    const updateTime = timeText(this.tick());
    return {
      mutationResults: [{ version: this.put(place, properties), updateTime }],
      ...(current ? {} : { indexUpdates: 2 }),
    };
  }
}

/** A version with more digits than a number holds. */
function versionAt(micros: bigint): string {
  return String(micros * 8n + 1n);
}

function entityKeyOf(key: unknown, project: string, database: string): string {
  const { partitionId, path } = fieldsOf(key, "partitionId", "path");
  const { projectId, databaseId = "", namespaceId = "" } = fieldsOf(
    partitionId,
    "projectId",
    "databaseId",
    "namespaceId",
  );
  if (projectId !== project || databaseId !== database) {
    throw new ServiceError("INVALID_ARGUMENT", "mismatched databases within request");
  }
  const namespace = stringOf(namespaceId, /^(?!__.*__$)[\w.-]{0,100}$/);
  const { kind, name } = fieldsOf(onlyOf(path), "kind", "name");
  return [project, database, namespace, nameOf(kind), nameOf(name)].join(" ");
}

function checkProperties(properties: unknown): void {
  const entries = Object.entries(fieldsOf(properties, "record"));
  for (const [, value] of entries) {
    const { blobValue, excludeFromIndexes } = fieldsOf(value, "blobValue", "excludeFromIndexes");
    checkBytes(blobValue);
    // an indexed property has at most 1,500 bytes, and costs a write for each index
    if (excludeFromIndexes !== true) throw new ServiceError("INVALID_ARGUMENT", "The property record is indexed");
  }
}

if (import.meta.main) {
  const server = new FaultServer(new FakeDatastore());
  console.log(`DATASTORE_EMULATOR_HOST=${server.host}`);
}

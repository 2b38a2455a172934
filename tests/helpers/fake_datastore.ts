/**
 * A fake of Datastore. It has the methods that a store calls, and checks requests strictly by the documentation of the REST API.
 *
 *   deno run --allow-net tests/helpers/fake_datastore.ts
 *
 * @module
 */
import {
  checkBytes,
  compareNames,
  FakeDatabase,
  fieldsOf,
  listOf,
  nameOf,
  onlyOf,
  ServiceError,
  stringOf,
  timeText,
} from "./fake_database.ts";
import { FaultServer } from "../../internal/servers/fault_server.ts";
import type { FakeRequest } from "../../internal/servers/fault_service.ts";

/** An entity. */
export interface FakeEntity {
  readonly properties: unknown;
  readonly version: string;
}

const METHOD = /^\/v1\/projects\/([\w.~-]|%[0-9A-F]{2})+:(lookup|commit|runQuery)$/;

/** A Datastore in memory. */
export class FakeDatastore extends FakeDatabase {
  /** The entities, by project, database, namespace, kind and name with spaces between them. */
  readonly entities: Map<string, FakeEntity> = new Map();
  /** How an update of a missing entity ends. The documentation allows both. */
  missingUpdate: "NOT_FOUND" | "conflict" = "NOT_FOUND";
  /** How many of the next lookups defer their last key. */
  deferrals = 0;
  /** Entities that keys alone can't describe: their paths come first in all queries. */
  otherPaths: readonly unknown[] = [];
  /** How many of the next queries end before their limit. */
  unfinished = 0;
  /** Whether queries never say that there are no more results, like the emulator's. */
  isVague = false;
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
    const { databaseId = "" } = fieldsOf(message, "databaseId", ...FIELDS[method as keyof typeof FIELDS]);
    const database = stringOf(databaseId, /^[a-z\d-]*$/);
    this.checkDatabase(database || "(default)", project);
    const route = `project_id=${encodeURIComponent(project)}${database && `&database_id=${database}`}`;
    if (headers.get("x-goog-request-params") !== route) {
      throw new ServiceError("INVALID_ARGUMENT", "The routing header does not match");
    }
    if (method === "runQuery") return this.#runQuery(message, project, database);
    const keyText = (key: unknown): string => entityKeyOf(key, project, database);
    return method === "lookup" ? this.#lookup(message, keyText) : this.#commit(message, keyText);
  }

  #lookup(message: unknown, keyText: (key: unknown) => string): unknown {
    const { keys, readOptions } = message as Record<string, unknown>;
    if (fieldsOf(readOptions, "readConsistency")["readConsistency"] !== "STRONG") {
      throw new ServiceError("INVALID_ARGUMENT", "A store needs strongly consistent lookups");
    }
    const wanted = [...listOf(keys)];
    const deferred = this.deferrals > 0 && this.deferrals-- > 0 ? [wanted.pop()] : [];
    const now = this.tick();
    const results = wanted.map((key) => ({ key, entity: this.entities.get(keyText(key)) }));
    const found = results.flatMap(({ key, entity }) =>
      entity
        ? [{ entity: { key, properties: entity.properties }, version: entity.version, updateTime: timeText(now) }]
        : []
    );
    const missing = results.flatMap(({ key, entity }) => entity ? [] : [{ entity: { key }, version: versionAt(now) }]);
    return {
      ...(found.length > 0 && { found }),
      ...(missing.length > 0 && { missing }),
      ...(deferred.length > 0 && { deferred }),
      ...(this.returnsReadTime && { readTime: timeText(now) }),
    };
  }

  #runQuery(message: unknown, project: string, database: string): unknown {
    const { partitionId, query } = message as Record<string, unknown>;
    const { kind, projection, limit, startCursor = "" } = fieldsOf(query, "kind", "projection", "limit", "startCursor");
    const kindName = nameOf(fieldsOf(onlyOf(kind), "name")["name"]);
    const property = fieldsOf(fieldsOf(onlyOf(projection), "property")["property"], "name");
    stringOf(property["name"], /^__key__$/);
    if (!Number.isInteger(limit)) throw new ServiceError("INVALID_ARGUMENT", `Invalid limit: ${limit}`);
    const start = startCursor === "" ? 0 : Number(stringOf(atob(String(startCursor)), /^\d+$/));
    const place = `${[project, database, namespaceOf(partitionId, project, database), kindName].join(" ")} `;
    const names = [...this.entities.keys()].filter((key) => key.startsWith(place)).map((key) =>
      key.slice(place.length)
    );
    const paths = [...this.otherPaths, ...names.toSorted(compareNames).map((name) => [{ kind: kindName, name }])];
    const isUnfinished = this.unfinished > 0 && this.unfinished-- > 0;
    const end = start + Math.floor(Number(limit) / (isUnfinished ? 2 : 1));
    const isLast = end >= paths.length && !this.isVague;
    const entityResults = paths.slice(start, end).map((path) => ({
      entity: { key: { partitionId, path } },
      version: versionAt(this.tick()),
    }));
    const batch = {
      entityResultType: "KEY_ONLY",
      ...(entityResults.length === 0 ? {} : { entityResults }),
      endCursor: btoa(String(Math.min(end, paths.length))),
      moreResults: isUnfinished ? "NOT_FINISHED" : isLast ? "NO_MORE_RESULTS" : "MORE_RESULTS_AFTER_LIMIT",
      readTime: timeText(this.tick()),
    };
    return { batch };
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

/** The fields of the messages, besides the database. */
const FIELDS = {
  lookup: ["readOptions", "keys"],
  commit: ["mode", "mutations"],
  runQuery: ["partitionId", "query"],
} as const;

/** A version with more digits than a number holds. */
function versionAt(micros: bigint): string {
  return String(micros * 8n + 1n);
}

function namespaceOf(partitionId: unknown, project: string, database: string): string {
  const { projectId, databaseId = "", namespaceId = "" } = fieldsOf(
    partitionId,
    "projectId",
    "databaseId",
    "namespaceId",
  );
  if (projectId !== project || databaseId !== database) {
    throw new ServiceError("INVALID_ARGUMENT", "mismatched databases within request");
  }
  return stringOf(namespaceId, /^(?!__.*__$)[\w.-]{0,100}$/);
}

function entityKeyOf(key: unknown, project: string, database: string): string {
  const { partitionId, path } = fieldsOf(key, "partitionId", "path");
  const namespace = namespaceOf(partitionId, project, database);
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

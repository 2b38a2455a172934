/**
 * A fake of Firestore. It has the methods that a store calls, and checks requests strictly by the documentation of the REST API.
 *
 *   deno run --allow-net tests/helpers/fake_firestore.ts
 *
 * @module
 */
import {
  checkBytes,
  type Code,
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

/** A document. */
export interface FakeDocument {
  readonly fields: unknown;
  readonly createTime: string;
  readonly updateTime: string;
}

const METHOD =
  /^\/v1\/(projects\/([\w.:-]+)\/databases\/(\(default\)|[a-z\d-]+)\/documents):(batchGet|batchWrite|commit|runQuery)$/;

/** A Firestore in memory. */
export class FakeFirestore extends FakeDatabase {
  /** The documents by full name. */
  readonly documents: Map<string, FakeDocument> = new Map();
  /** Whether the database is in native mode. In another mode, it has none of these methods. */
  isNative = true;
  /** Whether all writes fail, as in a read-only database. */
  isReadOnly = false;
  /** The error code of a write whose condition does not hold. The documentation does not specify it. */
  conflictCode: "by condition" | "FAILED_PRECONDITION" = "by condition";
  /** Whether reads return the time of the read. */
  returnsReadTime = true;
  /** Whether there is the method for several writes, which some servers lack. */
  hasBatchWrite = true;
  /** The errors of writes of a batch, by the names of their documents; without effect. */
  readonly writeErrors: Map<string, ServiceError> = new Map();

  /** Writes a document, as another program would. Returns its update time. */
  put(name: string, fields: unknown): string {
    const updateTime = timeText(this.tick());
    this.documents.set(name, { fields, createTime: this.documents.get(name)?.createTime ?? updateTime, updateTime });
    return updateTime;
  }

  protected override isStream(path: string): boolean {
    return path.endsWith(":batchGet") || path.endsWith(":runQuery");
  }

  protected override call(path: string, message: unknown): unknown {
    const [, root = "", project = "", database = "", method] = METHOD.exec(path) ?? [];
    if (method === undefined) throw new ServiceError("NOT_FOUND", "No such method");
    this.checkDatabase(database, project);
    if (!this.isNative) {
      throw new ServiceError("FAILED_PRECONDITION", "The Cloud Firestore API is not available for Datastore Mode.");
    }
    if (method === "runQuery") return this.#runQuery(message, root);
    if (method === "batchGet") return this.#batchGet(message, root);
    if (method === "commit") return this.#commit(message, root);
    if (!this.hasBatchWrite) throw new ServiceError("NOT_FOUND", "No such method");
    return this.#batchWrite(message, root);
  }

  #batchGet(message: unknown, root: string): unknown {
    const names = listOf(fieldsOf(message, "documents")["documents"]).map((name) => documentNameOf(name, root));
    const readTime = this.returnsReadTime ? { readTime: timeText(this.tick()) } : {};
    // in an order of its own
    return names.toReversed().map((name) => {
      const document = this.documents.get(name);
      return document ? { found: { name, ...document }, ...readTime } : { missing: name, ...readTime };
    });
  }

  #runQuery(message: unknown, root: string): unknown {
    const query = fieldsOf(fieldsOf(message, "structuredQuery")["structuredQuery"], ...QUERY_FIELDS);
    const { select, from, orderBy, limit, startAt } = query;
    const { field, direction } = fieldsOf(onlyOf(orderBy), "field", "direction");
    stringOf(direction, /^ASCENDING$/);
    for (const reference of [field, onlyOf(fieldsOf(select, "fields")["fields"])]) {
      stringOf(fieldsOf(reference, "fieldPath")["fieldPath"], /^__name__$/);
    }
    const collection = `${root}/${nameOf(fieldsOf(onlyOf(from), "collectionId")["collectionId"])}/`;
    if (!Number.isInteger(limit)) throw new ServiceError("INVALID_ARGUMENT", `Invalid limit: ${limit}`);
    const last = startAt === undefined ? undefined : cursorOf(startAt, root);
    const names = [...this.documents.keys()].filter((name) => name.startsWith(collection)).toSorted(compareNames)
      .filter((name) => last === undefined || compareNames(name, last) > 0);
    const readTime = timeText(this.tick());
    const results = names.slice(0, Number(limit)).map((name) => {
      const { createTime, updateTime } = this.documents.get(name) ?? {};
      return { document: { name, fields: {}, createTime, updateTime }, readTime };
    });
    return results.length === 0 ? [{ readTime }] : results;
  }

  #commit(message: unknown, root: string): unknown {
    const write = checkedWrite(onlyOf(fieldsOf(message, "writes")["writes"]), root);
    const updateTime = this.#write(write);
    return { writeResults: [{ updateTime }], commitTime: updateTime };
  }

  #batchWrite(message: unknown, root: string): unknown {
    const writes = listOf(fieldsOf(message, "writes")["writes"]).map((write) => checkedWrite(write, root));
    if (new Set(writes.map(({ name }) => name)).size < writes.length) {
      throw new ServiceError("INVALID_ARGUMENT", "the same document cannot be written more than once");
    }
    const outcomes = writes.map((write) => {
      try {
        const error = this.writeErrors.get(write.name);
        if (error) throw error;
        return { result: { updateTime: this.#write(write) }, status: {} };
      } catch (error) {
        if (!(error instanceof ServiceError)) throw error;
        return { result: {}, status: { code: CODE_NUMBERS[error.code], message: error.message } };
      }
    });
    return { writeResults: outcomes.map(({ result }) => result), status: outcomes.map(({ status }) => status) };
  }

  /** Writes a document. Returns its update time. */
  #write({ name, fields, condition }: CheckedWrite): string {
    const current = this.documents.get(name);
    this.#checkCondition(condition, current);
    if (this.isReadOnly) throw new ServiceError("FAILED_PRECONDITION", "The database is read-only.");
    // a write of the same fields keeps the update time
    const isSame = current && JSON.stringify(current.fields) === JSON.stringify(fields);
    return isSame ? current.updateTime : this.put(name, fields);
  }

  #checkCondition(condition: unknown, current: FakeDocument | undefined): void {
    const { exists, updateTime } = fieldsOf(condition, "exists", "updateTime");
    if ((exists === undefined) === (updateTime === undefined) || (exists ?? false) !== false) {
      throw new ServiceError("INVALID_ARGUMENT", "Not one condition");
    }
    if (updateTime !== undefined) stringOf(updateTime, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3}|\.\d{6})?Z$/);
    if (exists === false ? !current : current?.updateTime === updateTime) return;
    const code = exists === false ? "ALREADY_EXISTS" : current ? "FAILED_PRECONDITION" : "NOT_FOUND";
    throw new ServiceError(
      this.conflictCode === "by condition" ? code : this.conflictCode,
      "The condition does not hold",
    );
  }
}

/** The numbers of the canonical codes. */
const CODE_NUMBERS: Readonly<Record<Code, number>> = {
  INVALID_ARGUMENT: 3,
  NOT_FOUND: 5,
  ALREADY_EXISTS: 6,
  PERMISSION_DENIED: 7,
  RESOURCE_EXHAUSTED: 8,
  FAILED_PRECONDITION: 9,
  ABORTED: 10,
  UNAVAILABLE: 14,
  UNAUTHENTICATED: 16,
};

/** A write whose form is right. */
interface CheckedWrite {
  readonly name: string;
  readonly fields: unknown;
  readonly condition: unknown;
}

function checkedWrite(value: unknown, root: string): CheckedWrite {
  const { update, currentDocument: condition } = fieldsOf(value, "update", "currentDocument");
  const { name, fields } = fieldsOf(update, "name", "fields");
  for (const value of Object.values(fieldsOf(fields, "record"))) checkBytes(fieldsOf(value, "bytesValue").bytesValue);
  return { name: documentNameOf(name, root), fields, condition };
}

const QUERY_FIELDS = ["select", "from", "orderBy", "limit", "startAt"];

/** The name of the document after which a query starts. */
function cursorOf(startAt: unknown, root: string): string {
  const { values, before } = fieldsOf(startAt, "values", "before");
  if (before !== false) throw new ServiceError("INVALID_ARGUMENT", "The cursor would start at the last document again");
  return documentNameOf(fieldsOf(onlyOf(values), "referenceValue")["referenceValue"], root);
}

function documentNameOf(value: unknown, root: string): string {
  const name = stringOf(value, /./s);
  const [collection, id, ...more] = name.slice(root.length + 1).split("/");
  if (!name.startsWith(`${root}/`) || more.length > 0) {
    throw new ServiceError("INVALID_ARGUMENT", `Invalid name: ${name}`);
  }
  for (const part of [collection, id]) stringOf(nameOf(part), /^(?!\.\.?$)/);
  return name;
}

if (import.meta.main) {
  const server = new FaultServer(new FakeFirestore());
  console.log(`FIRESTORE_EMULATOR_HOST=${server.host}`);
}

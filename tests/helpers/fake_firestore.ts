/**
 * As much of Firestore's REST API as its documentation says of the requests that a store makes, and strict about them.
 *
 *   deno run --allow-net tests/helpers/fake_firestore.ts
 *
 * @module
 */
import { checkBytes, FakeDatabase, fieldsOf, nameOf, onlyOf, Refusal, textOf, timeText } from "./fake_database.ts";
import { FaultServer } from "./fault_server.ts";

/** A document as the service keeps it. */
export interface FakeDocument {
  readonly fields: unknown;
  readonly createTime: string;
  readonly updateTime: string;
}

const METHOD = /^\/v1\/(projects\/([\w.:-]+)\/databases\/(\(default\)|[a-z\d-]+)\/documents):(batchGet|commit)$/;

/** A Firestore of our own. */
export class FakeFirestore extends FakeDatabase {
  /** By full name. */
  readonly documents: Map<string, FakeDocument> = new Map();
  /** In another mode than the native one, it serves none of these methods. */
  isNative = true;
  /** Whether all writes fail, as those of a database do that is not to be written to. */
  isReadOnly = false;
  /** How a write ends whose condition does not hold: the documentation does not say by which code. */
  conflictCode: "by condition" | "FAILED_PRECONDITION" = "by condition";
  /** Whether reads tell when they have read. */
  tellsReadTime = true;

  /** Puts a document there, as someone else would; answers with its update time. */
  put(name: string, fields: unknown): string {
    const updateTime = timeText(this.tick());
    this.documents.set(name, { fields, createTime: this.documents.get(name)?.createTime ?? updateTime, updateTime });
    return updateTime;
  }

  protected override isStream(path: string): boolean {
    return path.endsWith(":batchGet");
  }

  protected override call(path: string, message: unknown): unknown {
    const [, root = "", project = "", database = "", method] = METHOD.exec(path) ?? [];
    if (method === undefined) throw new Refusal("NOT_FOUND", "No such method");
    this.checkDatabase(database, project);
    if (!this.isNative) {
      throw new Refusal("FAILED_PRECONDITION", "The Cloud Firestore API is not available for Datastore Mode.");
    }
    return method === "batchGet" ? this.#batchGet(message, root) : this.#commit(message, root);
  }

  #batchGet(message: unknown, root: string): unknown {
    const name = documentNameOf(onlyOf(fieldsOf(message, "documents")["documents"]), root);
    const document = this.documents.get(name);
    const readTime = this.tellsReadTime ? { readTime: timeText(this.tick()) } : {};
    return [document ? { found: { name, ...document }, ...readTime } : { missing: name, ...readTime }];
  }

  #commit(message: unknown, root: string): unknown {
    const write = fieldsOf(onlyOf(fieldsOf(message, "writes")["writes"]), "update", "currentDocument");
    const { name, fields } = fieldsOf(write["update"], "name", "fields");
    const place = documentNameOf(name, root);
    for (const value of Object.values(fieldsOf(fields, "record"))) checkBytes(fieldsOf(value, "bytesValue").bytesValue);
    const current = this.documents.get(place);
    this.#checkCondition(write["currentDocument"], current);
    if (this.isReadOnly) throw new Refusal("FAILED_PRECONDITION", "The database is read-only.");
    // what changes nothing has no new time
    const isSame = current && JSON.stringify(current.fields) === JSON.stringify(fields);
    const updateTime = isSame ? current.updateTime : this.put(place, fields);
    return { writeResults: [{ updateTime }], commitTime: updateTime };
  }

  #checkCondition(condition: unknown, current: FakeDocument | undefined): void {
    const { exists, updateTime } = fieldsOf(condition, "exists", "updateTime");
    if ((exists === undefined) === (updateTime === undefined) || (exists ?? false) !== false) {
      throw new Refusal("INVALID_ARGUMENT", "Not one condition");
    }
    if (updateTime !== undefined) textOf(updateTime, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3}|\.\d{6})?Z$/);
    if (exists === false ? !current : current?.updateTime === updateTime) return;
    const code = exists === false ? "ALREADY_EXISTS" : current ? "FAILED_PRECONDITION" : "NOT_FOUND";
    throw new Refusal(this.conflictCode === "by condition" ? code : this.conflictCode, "The condition does not hold");
  }
}

function documentNameOf(value: unknown, root: string): string {
  const name = textOf(value, /./s);
  const [collection, id, ...more] = name.slice(root.length + 1).split("/");
  if (!name.startsWith(`${root}/`) || more.length > 0) throw new Refusal("INVALID_ARGUMENT", `Invalid name: ${name}`);
  for (const part of [collection, id]) textOf(nameOf(part), /^(?!\.\.?$)/);
  return name;
}

if (import.meta.main) {
  const server = new FaultServer(new FakeFirestore());
  console.log(`FIRESTORE_EMULATOR_HOST=${server.host}`);
}

/**
 * A fake of a libSQL server, such as Turso's. It speaks Hrana 2 over HTTP, as far as `@libsql/client` needs it for single statements,
 * and keeps its database in memory.
 *
 * See https://github.com/tursodatabase/libsql/blob/main/docs/HTTP_V2_SPEC.md.
 *
 * @module
 */
import { DatabaseSync, type StatementResultingChanges } from "node:sqlite";
import { type FakeReply, type FakeRequest, FaultService } from "./fault_service.ts";

/** A value of Hrana. Integers are texts, and bytes are Base64, perhaps without padding. */
type HranaValue =
  | { readonly type: "null" }
  | { readonly type: "integer" | "text"; readonly value: string }
  | { readonly type: "float"; readonly value: number }
  | { readonly type: "blob"; readonly base64: string };

interface HranaStatement {
  readonly sql: string;
  readonly args?: readonly HranaValue[];
}

interface HranaRequest {
  readonly type: string;
  readonly stmt?: HranaStatement;
}

const JSON_HEADERS = { "content-type": "application/json" };

/** A libSQL server in memory. */
export class FakeLibsql extends FaultService implements Disposable {
  readonly database: DatabaseSync = new DatabaseSync(":memory:");
  /** The valid token. If absent, requests need none. */
  token: string | undefined;

  protected override handle({ method, target, headers, body }: FakeRequest): FakeReply {
    if (method !== "POST" || target !== "/v2/pipeline") return { status: 404 };
    if (this.token !== undefined && headers.get("authorization") !== `Bearer ${this.token}`) {
      return {
        status: 401,
        headers: JSON_HEADERS,
        body: JSON.stringify({ error: "Unauthorized: the token is not valid" }),
      };
    }
    const { requests }: { requests: readonly HranaRequest[] } = JSON.parse(new TextDecoder().decode(body));
    const results = requests.map((request) => this.#answer(request));
    return { status: 200, headers: JSON_HEADERS, body: JSON.stringify({ baton: null, base_url: null, results }) };
  }

  [Symbol.dispose](): void {
    this.database.close();
  }

  #answer({ type, stmt }: HranaRequest): unknown {
    if (type === "close") return { type: "ok", response: { type } };
    if (type !== "execute" || !stmt) throw new Error(`Cannot answer this request: current value is ${type}`);
    try {
      return { type: "ok", response: { type, result: this.#execute(stmt) } };
    } catch (error) {
      const { message, errcode } = error as Error & { errcode?: number };
      const code = errcode === 5 ? "SQLITE_BUSY" : "SQLITE_ERROR";
      return { type: "error", error: { message: `SQLite error: ${message}`, code } };
    }
  }

  #execute({ sql, args = [] }: HranaStatement): unknown {
    const statement = this.database.prepare(sql);
    const values = args.map(valueOf);
    const columns = statement.columns().map(({ name }) => name);
    if (columns.length === 0) {
      const { changes }: StatementResultingChanges = statement.run(...values);
      return { cols: [], rows: [], affected_row_count: Number(changes), last_insert_rowid: null };
    }
    const rows = statement.all(...values).map((row) => columns.map((column) => hranaOf(row[column])));
    return { cols: columns.map((name) => ({ name })), rows, affected_row_count: 0, last_insert_rowid: null };
  }
}

function valueOf(value: HranaValue): null | number | bigint | string | Uint8Array {
  if (value.type === "null") return null;
  if (value.type === "integer") return BigInt(value.value);
  return value.type === "blob" ? Uint8Array.fromBase64(value.base64) : value.value;
}

function hranaOf(value: unknown): HranaValue {
  if (value instanceof Uint8Array) return { type: "blob", base64: value.toBase64({ omitPadding: true }) };
  if (typeof value === "string") return { type: "text", value };
  // an integer, too, as JavaScript does not tell them apart
  return typeof value === "number" ? { type: "float", value } : { type: "null" };
}

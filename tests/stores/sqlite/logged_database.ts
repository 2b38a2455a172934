import type { SqliteDatabase, SqliteParameter, SqliteStatement } from "@neat/periodic-task/stores/sqlite";
import { DatabaseSync } from "node:sqlite";

/** A statement that was run, with what it was given. */
export interface RunStatement {
  readonly sql: string;
  readonly method: "all" | "run";
  readonly parameters: readonly SqliteParameter[];
}

/** A database in memory or in a file that notes its statements, and fails as a test asks. */
export class LoggedDatabase implements SqliteDatabase, Disposable {
  readonly database: DatabaseSync;
  readonly statements: RunStatement[] = [];
  /** Called before each statement; may throw. */
  before: (statement: RunStatement) => void = () => {};
  /** How many prepared statements were not freed. */
  open = 0;

  constructor(path = ":memory:") {
    this.database = new DatabaseSync(path);
  }

  get isTransaction(): boolean {
    return this.database.isTransaction;
  }

  prepare(sql: string): SqliteStatement {
    const statement = this.database.prepare(sql);
    this.open++;
    const note = (method: "all" | "run", parameters: readonly SqliteParameter[]): void => {
      const run = { sql, method, parameters };
      this.statements.push(run);
      this.before(run);
    };
    return {
      all: (...parameters) => {
        note("all", parameters);
        return statement.all(...parameters);
      },
      run: (...parameters) => {
        note("run", parameters);
        return statement.run(...parameters);
      },
      finalize: () => this.open--,
    };
  }

  [Symbol.dispose](): void {
    this.database.close();
  }
}

/** The error of `node:sqlite` for a locked database. */
export function lockedError(errcode = 5): Error {
  return Object.assign(new Error("database is locked"), { code: "ERR_SQLITE_ERROR", errcode });
}

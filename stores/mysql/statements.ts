/**
 * The statements of the store.
 *
 * Names, versions and records travel as hexadecimal digits, so that neither the character set nor the SQL mode of a session
 * changes them, whoever puts them in the place of `?`.
 *
 * @module
 */
import { quoted } from "../sql/identifiers.ts";

/** One statement, with the values of its `?`. */
export interface Statement {
  readonly sql: string;
  readonly values: readonly string[];
}

/** A table of records. The names are checked. */
export interface Table {
  /** The database; that of the connection if absent. */
  readonly database: string | undefined;
  readonly name: string;
}

/** A task's name takes at most 500 characters of 3 bytes. An index of InnoDB takes 3,072. */
export const MAX_NAME_BYTES = 1_500;

/** A BLOB takes more in no SQL mode, and would be cut in some. */
export const MAX_VALUE_BYTES = 65_535;

/**
 * What a read finds out about its session: whether the server is read-only, as a replica is; autocommit; whether a transaction is
 * open, which only MariaDB can say, and only MariaDB reads this comment.
 */
const SESSION = "@@global.read_only, @@innodb_read_only, @@autocommit, 0 /*M!100000 + @@in_transaction */";

/** How many columns {@linkcode SESSION} has. */
export const SESSION_COLUMNS = 4;

/** How many columns a record has: the time, the version and the value. */
export const RECORD_COLUMNS = 3;

/** Microseconds since 1970, whatever the time zone of the session is. */
const NOW = "TIMESTAMPDIFF(MICROSECOND, '1970-01-01 00:00:00', UTC_TIMESTAMP(6))";

/** A table as statements name it. */
export function tableText({ database, name }: Table): string {
  const table = quoted(name, "`");
  return database === undefined ? table : `${quoted(database, "`")}.${table}`;
}

/** Creates the table. Bytes are compared as they are: case, accents and trailing spaces count. */
export function createStatement(table: Table): Statement {
  const columns = [
    `name VARBINARY(${MAX_NAME_BYTES}) NOT NULL`,
    "version BINARY(16) NOT NULL",
    "value BLOB NOT NULL",
    "PRIMARY KEY (name)",
  ].join(", ");
  return { sql: `CREATE TABLE IF NOT EXISTS ${tableText(table)} (${columns}) ENGINE = InnoDB`, values: [] };
}

/** Fails if the table does not exist, or has other columns. */
export function probeStatement(table: Table): Statement {
  return { sql: `SELECT HEX(name), HEX(version), HEX(value) FROM ${tableText(table)} LIMIT 0`, values: [] };
}

/** Reads a record. A row: the session, the time, the version and the value; the last two are null if there is none. */
export function readStatement(table: Table, name: string): Statement {
  const sql = `SELECT ${SESSION}, ${NOW}, HEX(t.version), HEX(t.value) ` +
    `FROM (SELECT 1 AS one) s LEFT JOIN ${tableText(table)} t ON t.name = UNHEX(?)`;
  return { sql, values: [name] };
}

/**
 * Reads several records. A row for each that exists, as for {@linkcode readStatement}, with the name behind; if there is none, one row
 * with nulls.
 */
export function readManyStatement(table: Table, names: readonly string[]): Statement {
  const places = names.map(() => "UNHEX(?)").join(", ");
  // the limit, as sql_select_limit of the session may be a smaller one
  const sql = `SELECT ${SESSION}, ${NOW}, HEX(t.version), HEX(t.value), HEX(t.name) ` +
    `FROM (SELECT 1 AS one) s LEFT JOIN ${tableText(table)} t ON t.name IN (${places}) LIMIT ${names.length}`;
  return { sql, values: names };
}

/** A record to write, in hexadecimal digits. */
export interface RecordWrite {
  readonly name: string;
  readonly value: string;
  /** The version to replace; `null` if there must be no record. */
  readonly version: string | null;
  readonly newVersion: string;
}

/** Writes a record. A record that exists makes an INSERT fail; an UPDATE of another version changes no row. */
export function writeStatement(table: Table, { name, value, version, newVersion }: RecordWrite): Statement {
  if (version === null) {
    const sql = `INSERT INTO ${tableText(table)} (version, value, name) VALUES (UNHEX(?), UNHEX(?), UNHEX(?))`;
    return { sql, values: [newVersion, value, name] };
  }
  const sql = `UPDATE ${
    tableText(table)
  } SET version = UNHEX(?), value = UNHEX(?) WHERE name = UNHEX(?) AND version = UNHEX(?)`;
  return { sql, values: [newVersion, value, name, version] };
}

/** Writes several records that don't exist: all, or none if one of them exists. They must be in the order of their names. */
export function insertManyStatement(table: Table, writes: readonly RecordWrite[]): Statement {
  const places = writes.map(() => "(UNHEX(?), UNHEX(?), UNHEX(?))").join(", ");
  const sql = `INSERT INTO ${tableText(table)} (version, value, name) VALUES ${places}`;
  return { sql, values: writes.flatMap(({ newVersion, value, name }) => [newVersion, value, name]) };
}

/** A record to replace, at its version. */
export type RecordUpdate = RecordWrite & { readonly version: string };

/**
 * Finds the records that no other transaction has locked. A row for each: the session, the name and the version.
 *
 * The locks of the statement itself end with it.
 */
export function unlockedStatement(table: Table, updates: readonly RecordUpdate[]): Statement {
  const places = updates.map(() => "UNHEX(?)").join(", ");
  const sql = `SELECT ${SESSION}, HEX(name), HEX(version) FROM ${tableText(table)} ${BY_NAME} ` +
    `WHERE name IN (${places}) LIMIT ${updates.length} FOR UPDATE SKIP LOCKED`;
  return { sql, values: updates.map(({ name }) => name) };
}

/** Replaces several records, each only at its version. Rows are locked in the order of their names. */
export function updateManyStatement(table: Table, updates: readonly RecordUpdate[]): Statement {
  const cases = updates.map(() => "WHEN UNHEX(?) THEN UNHEX(?)").join(" ");
  const sql =
    `UPDATE ${tableText(table)} ${BY_NAME} SET value = CASE name ${cases} END, version = CASE name ${cases} END ` +
    `WHERE ${anyOf(updates)}`;
  const values = [
    ...updates.flatMap(({ name, value }) => [name, value]),
    ...updates.flatMap(({ name, newVersion }) => [name, newVersion]),
    ...updates.flatMap(({ name, version }) => [name, version]),
  ];
  return { sql, values };
}

/** A scan of a small table would lock the records of others, in another order. */
const BY_NAME = "FORCE INDEX (PRIMARY)";

function anyOf(updates: readonly RecordUpdate[]): string {
  return updates.map(() => "(name = UNHEX(?) AND version = UNHEX(?))").join(" OR ");
}

/** Lists names, those after one of them if it is given. Rows: the session and a name; the name is null if there is none. */
export function listStatement(table: Table, after: string | undefined, limit: number): Statement {
  const condition = after === undefined ? "" : " WHERE name > UNHEX(?)";
  // the outer limit, too, as sql_select_limit of the session is another one
  const sql = `SELECT ${SESSION}, HEX(t.name) FROM (SELECT 1 AS one) s LEFT JOIN ` +
    `(SELECT name FROM ${
      tableText(table)
    }${condition} ORDER BY name LIMIT ${limit}) t ON TRUE ORDER BY t.name LIMIT ${limit}`;
  return { sql, values: after === undefined ? [] : [after] };
}

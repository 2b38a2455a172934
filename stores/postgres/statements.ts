/**
 * The statements of the store.
 *
 * All values and columns are texts, so that no driver converts them, and every answer can be read whatever parsers the user has set.
 *
 * @module
 */
import { quoted } from "../sql/identifiers.ts";
import type { Statement } from "./driver.ts";

/** A table of records. The names are checked. */
export interface Table {
  readonly schema: string;
  readonly name: string;
}

/** Beside each answer of a read: a standby server would answer with an old record, or with none. */
const SERVER = "(SELECT pg_is_in_recovery()::text AS standby, current_setting('transaction_read_only') AS readonly) s";

/** A table as statements name it. */
export function tableText({ schema, name }: Table): string {
  return `${quoted(schema)}.${quoted(name)}`;
}

/** The payload of the notification about a record. Tables of the same name in several schemas share the channel. */
export function payloadOf({ schema }: Table, key: string): string {
  return `${schema}.${key}`;
}

/** Creates the table. Names are compared byte by byte, whatever the collation of the database is. */
export function createStatement(table: Table): Statement {
  const columns = 'name text COLLATE "C" PRIMARY KEY, version uuid NOT NULL, value bytea NOT NULL';
  return { text: `CREATE TABLE IF NOT EXISTS ${tableText(table)} (${columns})`, values: [] };
}

/** Finds out whether the table exists. A row: standby, read-only, the table or null. */
export function existsStatement(table: Table): Statement {
  return { text: `SELECT s.*, to_regclass($1::text)::text FROM ${SERVER}`, values: [tableText(table)] };
}

/** Reads a record. A row: standby, read-only, the time, and the version and the value or null. */
export function readStatement(table: Table, key: string): Statement {
  const text = `SELECT s.*, (extract(epoch FROM clock_timestamp()) * 1000)::text, t.version::text, ` +
    `encode(t.value, 'base64') FROM ${SERVER} LEFT JOIN ${tableText(table)} t ON t.name = $1::text`;
  return { text, values: [key] };
}

/** A record to write. */
export interface RecordWrite {
  readonly key: string;
  /** The record in base64. */
  readonly value: string;
  /** The version to replace; `null` if there must be no record. */
  readonly version: string | null;
  readonly newVersion: string;
  /** The channel of the notification. */
  readonly channel: string;
  /** How long the server may wait for other transactions that use the record. */
  readonly lockTimeoutMs: number;
}

/**
 * Writes a record. A row if it was written. The notification is part of the same transaction.
 *
 * The statement limits its own waits for locks, as the server goes on waiting when its client has closed the connection. The limit ends
 * with the transaction. It applies because the change needs a row of `setting`, which is made before.
 */
export function writeStatement(table: Table, write: RecordWrite): Statement {
  const { key, value, version, newVersion, channel, lockTimeoutMs } = write;
  const change = version === null
    ? `INSERT INTO ${tableText(table)} (name, value, version) ` +
      "SELECT $1::text, decode($2::text, 'base64'), $3::uuid FROM setting ON CONFLICT DO NOTHING RETURNING version"
    : `UPDATE ${tableText(table)} t SET value = decode($2::text, 'base64'), version = $3::uuid FROM setting ` +
      "WHERE t.name = $1::text AND t.version = $7::uuid RETURNING t.version";
  const text = "WITH setting AS MATERIALIZED (SELECT set_config('lock_timeout', $6::text, true)), " +
    `written AS (${change}) SELECT version::text, pg_notify($4::text, $5::text)::text FROM written`;
  const values = [key, value, newVersion, channel, payloadOf(table, key), String(lockTimeoutMs)];
  return { text, values: version === null ? values : [...values, version] };
}

/** Lists the names of records after one of them. Rows: standby, read-only, the name; the name is null if there is none. */
export function listStatement(table: Table, after: string | undefined, limit: number): Statement {
  const condition = after === undefined ? "" : " WHERE name > $1::text";
  const text = `SELECT s.*, t.name FROM ${SERVER} LEFT JOIN ` +
    `(SELECT name FROM ${tableText(table)}${condition} ORDER BY name LIMIT ${limit}) t ON true ORDER BY t.name`;
  return { text, values: after === undefined ? [] : [after] };
}

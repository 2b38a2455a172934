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

/** Reads several records. A row for each, in their order, as for {@linkcode readStatement}. */
export function readManyStatement(table: Table, keys: readonly string[]): Statement {
  const text = `SELECT s.*, (extract(epoch FROM clock_timestamp()) * 1000)::text, t.version::text, ` +
    `encode(t.value, 'base64') FROM ${SERVER} CROSS JOIN json_array_elements_text($1::text::json) WITH ORDINALITY k(name, place) ` +
    `LEFT JOIN ${tableText(table)} t ON t.name = k.name ORDER BY k.place`;
  return { text, values: [JSON.stringify(keys)] };
}

/** A record to write. */
export interface RecordWrite {
  readonly key: string;
  /** The record in base64. */
  readonly value: string;
  /** The version to replace; `null` if there must be no record. */
  readonly version: string | null;
  readonly newVersion: string;
}

/** What all writes of a store have in common. */
export interface WriteSettings {
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
export function writeStatement(table: Table, write: RecordWrite, settings: WriteSettings): Statement {
  const { key, value, version, newVersion } = write;
  const { channel, lockTimeoutMs } = settings;
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

/**
 * Writes several records, each as {@linkcode writeStatement} does. A row for each record that was written, or that is at another version
 * or exists and must not: its new version, and `written` or `lost`. An old version never returns, so what is lost stays lost.
 *
 * A record that another transaction has locked is left out, as the others would wait for it. Records are locked in the order of their
 * names, so that two of these statements don't wait for each other.
 */
export function writeManyStatement(table: Table, writes: readonly RecordWrite[], settings: WriteSettings): Statement {
  const name = tableText(table);
  const items = writes.map(({ key, value, version, newVersion }) => ({ name: key, value, version, next: newVersion }));
  const text = "WITH setting AS MATERIALIZED (SELECT set_config('lock_timeout', $4::text, true)), " +
    "item AS MATERIALIZED (SELECT i.* FROM setting, " +
    "json_to_recordset($1::text::json) AS i(name text, value text, version uuid, next uuid)), " +
    `locked AS MATERIALIZED (SELECT t.name FROM ${name} t JOIN item i ON t.name = i.name AND t.version = i.version ` +
    "ORDER BY t.name FOR NO KEY UPDATE OF t SKIP LOCKED), " +
    `updated AS (UPDATE ${name} t SET value = decode(i.value, 'base64'), version = i.next FROM item i ` +
    "JOIN locked l ON l.name = i.name WHERE t.name = i.name AND t.version = i.version RETURNING t.name, t.version), " +
    `inserted AS (INSERT INTO ${name} (name, value, version) SELECT name, decode(value, 'base64'), next FROM item ` +
    "WHERE version IS NULL ORDER BY name ON CONFLICT DO NOTHING RETURNING name, version) " +
    "SELECT w.version::text, 'written', pg_notify($2::text, $3::text || w.name)::text " +
    "FROM (SELECT * FROM updated UNION ALL SELECT * FROM inserted) w " +
    `UNION ALL SELECT i.next::text, 'lost', NULL FROM item i LEFT JOIN ${name} t ON t.name = i.name ` +
    "WHERE (t.version IS NOT NULL OR i.version IS NOT NULL) AND t.version IS DISTINCT FROM i.version";
  const { channel, lockTimeoutMs } = settings;
  return { text, values: [JSON.stringify(items), channel, payloadOf(table, ""), String(lockTimeoutMs)] };
}

/** Lists the names of records after one of them. Rows: standby, read-only, the name; the name is null if there is none. */
export function listStatement(table: Table, after: string | undefined, limit: number): Statement {
  const condition = after === undefined ? "" : " WHERE name > $1::text";
  const text = `SELECT s.*, t.name FROM ${SERVER} LEFT JOIN ` +
    `(SELECT name FROM ${tableText(table)}${condition} ORDER BY name LIMIT ${limit}) t ON true ORDER BY t.name`;
  return { text, values: after === undefined ? [] : [after] };
}

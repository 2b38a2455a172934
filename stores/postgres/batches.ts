/**
 * Reads and writes of a table that share statements.
 *
 * @module
 */
import { type BatchAnswer, Batcher } from "../batching/batcher.ts";
import { oneByOne } from "../batching/one_by_one.ts";
import { rowsInOrder, versionsIn } from "./answers.ts";
import type { PostgresDriver, Row } from "./driver.ts";
import { mayConcernOneRow } from "./errors.ts";
import {
  readManyStatement,
  readStatement,
  type RecordWrite,
  type Table,
  writeManyStatement,
  type WriteSettings,
  writeStatement,
} from "./statements.ts";

/** The longest record takes 5.5 kB in base64, so that a statement stays below 600 kB. */
const MAX_REQUESTS = 100;

/** Two reads and two writes at a time leave connections of a pool to others, and one that hangs does not hold up all tasks. */
const MAX_BATCHES = 2;

/** The options of {@linkcode TableBatches}. */
export interface TableBatchesOptions {
  readonly driver: PostgresDriver;
  readonly table: Table;
  readonly settings: WriteSettings;
}

/** Sends calls of the same moment, and those that come while others are not answered, in one statement. */
export class TableBatches {
  readonly #options: TableBatchesOptions;
  readonly #reads: Batcher<string, readonly Row[]>;
  readonly #writes: Batcher<RecordWrite, readonly Row[]>;

  /** Creates the batches of a store. */
  constructor(options: TableBatchesOptions) {
    this.#options = options;
    const limits = { maxRequests: MAX_REQUESTS, maxBatches: MAX_BATCHES };
    this.#reads = new Batcher({
      send: (keys, signal) => this.#sendReads(keys, signal),
      keyOf: (key) => key,
      ...limits,
    });
    this.#writes = new Batcher({
      send: (writes, signal) => this.#sendWrites(writes, signal),
      keyOf: ({ key }) => key,
      ...limits,
    });
  }

  /** Reads a record. Returns the rows of {@linkcode readStatement}. */
  read(key: string, signal: AbortSignal): Promise<readonly Row[]> {
    return this.#reads.call(key, signal);
  }

  /** Writes a record. Returns the rows of {@linkcode writeStatement}. */
  write(write: RecordWrite, signal: AbortSignal): Promise<readonly Row[]> {
    return this.#writes.call(write, signal);
  }

  async #sendReads(keys: readonly string[], signal: AbortSignal): Promise<BatchAnswer<readonly Row[]>[]> {
    const { driver, table } = this.#options;
    const send = (key: string) => driver.query(readStatement(table, key), signal);
    if (keys.length === 1) return oneByOne(keys, { send, signal });
    const rows = await driver.query(readManyStatement(table, keys), signal);
    return rowsInOrder(rows, keys.length).map((row) => ({ kind: "answered", answer: [row] }));
  }

  /**
   * Sends writes in one statement. It leaves out records that another transaction has locked. Those and the ones at another version
   * are sent again, each on its own, so that no record waits for another one.
   */
  async #sendWrites(writes: readonly RecordWrite[], signal: AbortSignal): Promise<BatchAnswer<readonly Row[]>[]> {
    const { driver, table, settings } = this.#options;
    const send = (write: RecordWrite) => driver.query(writeStatement(table, write, settings), signal);
    if (writes.length === 1) return oneByOne(writes, { send, signal });
    let written: ReadonlySet<string>;
    try {
      written = versionsIn(await driver.query(writeManyStatement(table, writes, settings), signal));
    } catch (error) {
      // nothing was written
      if (mayConcernOneRow(error)) return oneByOne(writes, { send, signal });
      throw error;
    }
    const known = ({ newVersion }: RecordWrite): BatchAnswer<readonly Row[]> | undefined =>
      written.has(newVersion) ? { kind: "answered", answer: [[newVersion]] } : undefined;
    return oneByOne(writes, { send, known, signal });
  }
}

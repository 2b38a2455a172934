/**
 * Reads and writes of a table that share statements.
 *
 * @module
 */
import { type BatchAnswer, Batcher, type Callers } from "../batching/batcher.ts";
import { oneByOne } from "../batching/one_by_one.ts";
import { outcomesIn, rowsInOrder, type WriteOutcomes } from "./answers.ts";
import type { PostgresDriver, Row } from "./driver.ts";
import { mayConcernOneRow, RecordLockedError } from "./errors.ts";
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

/** Two reads and two writes at a time leave connections of a pool to others. One that hangs or is locked does not hold up all tasks. */
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
      send: (keys, callers) => this.#sendReads(keys, callers),
      keyOf: (key) => key,
      ...limits,
    });
    this.#writes = new Batcher({
      send: (writes, callers) => this.#sendWrites(writes, callers),
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

  async #sendReads(keys: readonly string[], callers: Callers<string>): Promise<BatchAnswer<readonly Row[]>[]> {
    const { driver, table } = this.#options;
    const { signal } = callers;
    const send = (key: string) => driver.query(readStatement(table, key), signal);
    if (keys.length === 1) return oneByOne(keys, { send, ...callers });
    try {
      const rows = await driver.query(readManyStatement(table, keys), signal);
      return rowsInOrder(rows, keys.length).map((row) => ({ kind: "answered", answer: [row] }));
    } catch (error) {
      // a name that the database can't hold, for example
      if (mayConcernOneRow(error)) return oneByOne(keys, { send, ...callers });
      throw error;
    }
  }

  /**
   * Sends writes in one statement. It leaves out records that another transaction has locked: those fail with an error that is repeated,
   * so that neither the others nor later writes wait for them. One write waits for a lock itself if it leaves a place to others.
   */
  async #sendWrites(
    writes: readonly RecordWrite[],
    callers: Callers<RecordWrite>,
  ): Promise<BatchAnswer<readonly Row[]>[]> {
    const { driver, table, settings } = this.#options;
    const { signal, isAlone } = callers;
    const sendWaiting = (write: RecordWrite) => driver.query(writeStatement(table, write, settings), signal);
    const send = isAlone ? sendWaiting : (write: RecordWrite) => this.#sendUnlocked(write, signal);
    if (writes.length === 1) return oneByOne(writes, { send, ...callers });
    try {
      const outcomes = await this.#writeUnlocked(writes, signal);
      return writes.map((write) => answerTo(write, outcomes));
    } catch (error) {
      // nothing was written
      if (mayConcernOneRow(error)) return oneByOne(writes, { send, ...callers });
      throw error;
    }
  }

  async #writeUnlocked(writes: readonly RecordWrite[], signal: AbortSignal): Promise<WriteOutcomes> {
    const { driver, table, settings } = this.#options;
    return outcomesIn(await driver.query(writeManyStatement(table, writes, settings), signal));
  }

  async #sendUnlocked(write: RecordWrite, signal: AbortSignal): Promise<readonly Row[]> {
    const answer = answerTo(write, await this.#writeUnlocked([write], signal));
    if (answer.kind === "failed") throw answer.error;
    return answer.answer;
  }
}

/** The answer to a write: the rows of {@linkcode writeStatement}, or an error if the record was locked. */
function answerTo(
  { newVersion }: RecordWrite,
  { written, lost }: WriteOutcomes,
): Exclude<BatchAnswer<readonly Row[]>, { readonly kind: "pending" }> {
  if (written.has(newVersion)) return { kind: "answered", answer: [[newVersion]] };
  return lost.has(newVersion) ? { kind: "answered", answer: [] } : { kind: "failed", error: new RecordLockedError() };
}

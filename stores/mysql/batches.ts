/**
 * Reads and writes of a table that share statements.
 *
 * @module
 */
import type { StatusEntry } from "../../src/store/store.ts";
import { type BatchAnswer, Batcher, type Callers } from "../batching/batcher.ts";
import { oneByOne } from "../batching/one_by_one.ts";
import { changedRows, isWritten, recordIn, recordsIn, unlockedIn } from "./answers.ts";
import { isDuplicate, mayConcernOneRow, RecordLockedError } from "./errors.ts";
import type { Send } from "./session.ts";
import {
  insertManyStatement,
  readManyStatement,
  readStatement,
  type RecordUpdate,
  type RecordWrite,
  type Table,
  unlockedStatement,
  updateManyStatement,
  writeStatement,
} from "./statements.ts";

/** The longest record takes 8 kB in hexadecimal digits, so that a statement stays below 1 MB. */
const MAX_REQUESTS = 100;

/** Two statements of a kind at a time leave connections of a pool to others, and one that hangs does not hold up all tasks. */
const MAX_BATCHES = 2;

/** Sends calls of the same moment, and those that come while others are not answered, in one statement. */
export class TableBatches {
  readonly #send: Send;
  readonly #table: Table;
  readonly #reads: Batcher<{ readonly name: string }, StatusEntry | null>;
  readonly #inserts: Batcher<RecordWrite, boolean>;
  readonly #updates: Batcher<RecordUpdate, boolean>;

  /** Creates the batches of a store. */
  constructor(send: Send, table: Table) {
    this.#send = send;
    this.#table = table;
    const options = {
      keyOf: ({ name }: { readonly name: string }) => name,
      maxRequests: MAX_REQUESTS,
      maxBatches: MAX_BATCHES,
    };
    this.#reads = new Batcher<{ readonly name: string }, StatusEntry | null>({
      ...options,
      send: (reads, { signal }) => this.#sendReads(reads.map(({ name }) => name), signal),
    });
    this.#inserts = new Batcher<RecordWrite, boolean>({
      ...options,
      send: (writes, callers) => this.#sendInserts(writes, callers),
    });
    this.#updates = new Batcher<RecordUpdate, boolean>({
      ...options,
      send: (updates, callers) => this.#sendUpdates(updates, callers),
    });
  }

  /** Reads a record. Returns `null` if there is none. */
  read(name: string, signal: AbortSignal): Promise<StatusEntry | null> {
    return this.#reads.call({ name }, signal);
  }

  /** Reads several records by one statement, which waits for no other. Returns `null` for each that does not exist. */
  async readMany(names: readonly string[], signal: AbortSignal): Promise<(StatusEntry | null)[]> {
    const found = await this.#send(readManyStatement(this.#table, names), recordsIn, signal);
    return names.map((name) => {
      const answer = found.get(name);
      if (answer?.kind === "failed") throw answer.error;
      return answer?.kind === "answered" ? answer.answer : null;
    });
  }

  /** Writes a record. Returns whether it was written. */
  write(write: RecordWrite, signal: AbortSignal): Promise<boolean> {
    return isUpdate(write) ? this.#updates.call(write, signal) : this.#inserts.call(write, signal);
  }

  async #sendReads(names: readonly string[], signal: AbortSignal): Promise<BatchAnswer<StatusEntry | null>[]> {
    const [first = "", ...others] = names;
    if (others.length === 0) {
      return [{ kind: "answered", answer: await this.#send(readStatement(this.#table, first), recordIn, signal) }];
    }
    const found = await this.#send(readManyStatement(this.#table, names), recordsIn, signal);
    return names.map((name) => found.get(name) ?? { kind: "answered", answer: null });
  }

  /** Sends new records in one statement. If one of them exists, none was written, and each is sent again on its own. */
  async #sendInserts(writes: readonly RecordWrite[], callers: Callers<RecordWrite>): Promise<BatchAnswer<boolean>[]> {
    const { signal } = callers;
    if (writes.length === 1) return this.#sendEach(writes, callers);
    try {
      const statement = insertManyStatement(this.#table, inOrder(writes));
      // a statement writes all rows or none
      await this.#send(statement, (answer, connection) => changedRows(answer, connection, writes.length), signal);
    } catch (error) {
      if (mayConcernOneRow(error)) return this.#sendEach(writes, callers);
      throw error;
    }
    return writes.map(() => WRITTEN);
  }

  /**
   * Sends new versions in one statement. Another one before leaves out records that another transaction has locked: those fail with an
   * error that is repeated, so that neither the others nor later writes wait for them. One write waits for a lock itself if it leaves a
   * place to others.
   */
  async #sendUpdates(
    updates: readonly RecordUpdate[],
    callers: Callers<RecordUpdate>,
  ): Promise<BatchAnswer<boolean>[]> {
    if (updates.length === 1 && callers.isAlone) return this.#sendEach(updates, callers);
    try {
      return await this.#updateUnlocked(updates, callers.signal);
    } catch (error) {
      // nothing was written
      if (mayConcernOneRow(error)) return this.#sendEach(updates, callers);
      throw error;
    }
  }

  async #updateUnlocked(updates: readonly RecordUpdate[], signal: AbortSignal): Promise<BatchAnswer<boolean>[]> {
    const unlocked = await this.#send(unlockedStatement(this.#table, updates), unlockedIn, signal);
    const current = updates.filter(({ name, version }) => unlocked.get(name) === version);
    const { written, unclear } = await this.#update(inOrder(current), signal);
    return updates.map(({ name, version }) => {
      if (written.has(name)) return WRITTEN;
      if (unclear.has(name)) return { kind: "failed", error: new Error(UNCLEAR) };
      const isLost = (unlocked.get(name) ?? version) !== version;
      return isLost ? LOST : { kind: "failed", error: new RecordLockedError() };
    });
  }

  async #update(updates: readonly RecordUpdate[], signal: AbortSignal): Promise<Outcomes> {
    const names = updates.map(({ name }) => name);
    if (names.length === 0) return { written: new Set(), unclear: new Set() };
    const count = await this.#send(
      updateManyStatement(this.#table, updates),
      (answer, connection) => changedRows(answer, connection, names.length),
      signal,
    );
    if (count === names.length) return { written: new Set(names), unclear: new Set() };
    if (count === 0) return { written: new Set(), unclear: new Set() };
    return outcomesOf(updates, count, await this.#versions(names, signal));
  }

  async #versions(names: readonly string[], signal: AbortSignal): Promise<ReadonlyMap<string, string | undefined>> {
    const found = await this.#send(readManyStatement(this.#table, names), recordsIn, signal).catch((cause) => {
      // what was written before is not known, even if the server rejects this statement
      throw new Error(UNCLEAR, { cause });
    });
    return new Map(names.map((name) => {
      const record = found.get(name);
      return [name, record?.kind === "answered" ? record.answer?.version : undefined];
    }));
  }

  #sendEach<Write extends RecordWrite>(writes: readonly Write[], callers: Callers<Write>): BatchAnswer<boolean>[] {
    return oneByOne(writes, { send: (write) => this.#sendOne(write, callers.signal), ...callers });
  }

  async #sendOne(write: RecordWrite, signal: AbortSignal): Promise<boolean> {
    try {
      return await this.#send(writeStatement(this.#table, write), isWritten, signal);
    } catch (error) {
      if (write.version === null && isDuplicate(error)) return false;
      throw error;
    }
  }
}

const WRITTEN: BatchAnswer<boolean> = { kind: "answered", answer: true };
/** A version never returns. */
const LOST: BatchAnswer<boolean> = { kind: "answered", answer: false };
const UNCLEAR = "other writes of the same moment were lost, and this one may have been written";

/** The outcomes of an update of several records, by their names. All others were not written. */
interface Outcomes {
  readonly written: ReadonlySet<string>;
  readonly unclear: ReadonlySet<string>;
}

/** Finds out which records an update has changed, by the versions that it has left. */
function outcomesOf(
  updates: readonly RecordUpdate[],
  count: number,
  versions: ReadonlyMap<string, string | undefined>,
): Outcomes {
  const isOurs = ({ name, newVersion }: RecordUpdate): boolean => versions.get(name) === newVersion;
  const written = new Set(updates.filter(isOurs).map(({ name }) => name));
  // a record that was written may have been replaced since, or the read may be one of a member of a cluster that is behind
  const others = updates.filter(({ name }) => !written.has(name)).map(({ name }) => name);
  return { written, unclear: new Set(written.size === count ? [] : others) };
}

function isUpdate(write: RecordWrite): write is RecordUpdate {
  return write.version !== null;
}

/** Two statements that lock records in the same order don't wait for each other. */
function inOrder<Write extends RecordWrite>(writes: readonly Write[]): Write[] {
  return writes.toSorted((one, other) => one.name < other.name ? -1 : 1);
}

/**
 * Checks that reads return the last record, whichever client has read or written before.
 *
 * @module
 */
import type { Check, CheckContext } from "../check_context.ts";
import { newRecord } from "../records.ts";
import { sleep } from "../../store_check/settle.ts";
import { describeValue, requireThat } from "../../store_check/store_check_error.ts";

const WRITES = 10;

async function returnsTheLastRecord({ one, other, newKey }: CheckContext): Promise<void> {
  const key = newKey();
  // a store that caches reads caches these
  for (const client of [one, other]) await client.read(key);
  let version: string | null = null;
  for (let write = 1; write <= WRITES; write++) {
    const [writer, reader] = write % 2 === 1 ? [one, other] : [other, one];
    const record = newRecord(`write ${write}`);
    version = await writer.mustWrite(key, record, version);
    await reader.mustFind(key, record, version, "when another client reads the record");
    await writer.mustFind(key, record, version, "when the writer reads the record");
  }
}

async function neverReturnsAnOlderRecord({ one, other, newKey }: CheckContext): Promise<void> {
  const key = newKey();
  // the number of the latest write that a call has returned
  let latest = 0;
  let isOver = false;
  const write = async (): Promise<void> => {
    let version: string | null = null;
    for (let number = 1; number <= WRITES && !isOver; number++) {
      version = await one.mustWrite(key, String(number), version);
      latest = Math.max(latest, number);
      await sleep(0);
    }
  };
  const read = async (): Promise<void> => {
    while (!isOver) {
      const expected = latest;
      const entry = await other.read(key);
      const number = entry === null ? 0 : Number(new TextDecoder().decode(entry.value));
      const rule = `a read must return write number ${expected}, which ended before the read, or a later one`;
      requireThat(number >= expected, rule, entry);
      latest = Math.max(latest, number);
      // gives the writer a turn, even if the store needs no network
      await sleep(0);
    }
  };
  const endingAll = (work: Promise<void>): Promise<void> => work.finally(() => isOver = true);
  // waits for all of them, so that no call is pending when the clients are closed
  const [writer, ...readers] = await Promise.allSettled([write(), read(), read()].map(endingAll));
  // a reader's error says more than the writer's
  for (const result of [...readers, writer]) {
    if (result?.status === "rejected") throw result.reason;
  }
}

async function keepsNoState(context: CheckContext): Promise<void> {
  const { one, other, newKey } = context;
  const [key, secondKey] = [newKey(), newKey()];
  const version = await one.mustWrite(key, newRecord("by one"), null);
  const secondVersion = await one.mustWrite(secondKey, newRecord("by one"), null);
  // one client alternates between two keys
  await other.mustRead(key);
  await other.mustRead(secondKey);
  const replaced = await other.mustWrite(key, newRecord("by the other"), version);
  await other.mustWrite(secondKey, newRecord("by the other"), secondVersion);
  const newClient = await context.open();
  const record = newRecord("by a new client");
  const last = await newClient.mustWrite(key, record, replaced);
  for (const client of [one, other]) await client.mustFind(key, record, last, "after a new client's write");
}

async function servesManyTasks({ one, other, newKey }: CheckContext): Promise<void> {
  const tasks = Array.from({ length: 20 }, (_, index) => ({ key: newKey(), record: newRecord(`task ${index}`) }));
  const written = await Promise.all(
    tasks.map(async ({ key, record }) => ({ key, record, version: await one.mustWrite(key, record, null) })),
  );
  for (const client of [one, other]) {
    await Promise.all(
      written.map(({ key, record, version }) => client.mustFind(key, record, version, "among concurrent calls")),
    );
  }
}

/** September 2001 in milliseconds; a time in seconds is below. */
const MIN_STORE_TIME_MS = 1e12;
const MAX_DATE_MS = 864e13;

/** HTTP servers return whole seconds, and the servers of a service differ slightly. */
const TOLERANCE_MS = 1_000;

async function storeTimeIncreases({ one, other, newKey }: CheckContext): Promise<void> {
  const key = newKey();
  await one.mustWrite(key, newRecord("timed"), null);
  let latestMs = -Infinity;
  for (const client of [one, other, one, other, one, other]) {
    const { storeTime } = await client.mustRead(key);
    if (storeTime === undefined) continue;
    const isPlausible = storeTime >= MIN_STORE_TIME_MS && storeTime < MAX_DATE_MS;
    requireThat(isPlausible, "storeTime must be in milliseconds since 1970, and not before 2001", storeTime);
    const rule = `storeTime must not go back by more than ${TOLERANCE_MS} ms from ${describeValue(latestMs)}`;
    requireThat(storeTime >= latestMs - TOLERANCE_MS, rule, storeTime);
    latestMs = Math.max(latestMs, storeTime);
  }
}

/** Checks of reads. */
export const READ_CHECKS: readonly Check[] = [
  { name: "read() returns the last record to every client", run: returnsTheLastRecord },
  { name: "reads during writes never return an older record", run: neverReturnsAnOlderRecord },
  { name: "a client keeps no state between calls", run: keepsNoState },
  { name: "a client serves many tasks at once", run: servesManyTasks },
  { name: "storeTime is absent, or in milliseconds and never goes back", run: storeTimeIncreases },
];

/**
 * Checks that reads show what was written, whoever has read or written before.
 *
 * @module
 */
import type { Bench, Check } from "../bench.ts";
import { pauseMs } from "../checked_client.ts";
import { display, must } from "../expectation.ts";
import { newRecord } from "../record.ts";

const STEPS = 10;

async function readsShowWrites({ one, other, newKey }: Bench): Promise<void> {
  const key = newKey();
  // a store that remembers what it has read remembers this
  for (const client of [one, other]) await client.read(key);
  let version: string | null = null;
  for (let step = 1; step <= STEPS; step++) {
    const [writer, reader] = step % 2 ? [one, other] : [other, one];
    const record = newRecord(`step ${step}`);
    version = await writer.mustWrite(key, record, version);
    await reader.mustFind(key, record, version, "when another client reads what was written");
    await writer.mustFind(key, record, version, "when a client reads what it wrote");
  }
}

async function readsNeverGoBack({ one, other, newKey }: Bench): Promise<void> {
  const key = newKey();
  // the latest write that a call has told of
  let known = 0;
  let isOver = false;
  const write = async (): Promise<void> => {
    let version: string | null = null;
    for (let step = 1; step <= STEPS && !isOver; step++) {
      version = await one.mustWrite(key, String(step), version);
      known = Math.max(known, step);
      await pauseMs(0);
    }
  };
  const read = async (): Promise<void> => {
    while (!isOver) {
      const least = known;
      const entry = await other.read(key);
      const seen = entry === null ? 0 : Number(new TextDecoder().decode(entry.value));
      must(seen >= least, `a read must show write number ${least}, known before it began, or a later one`, entry);
      known = Math.max(known, seen);
      // what does not wait for the network must not keep the writer from its turn
      await pauseMs(0);
    }
  };
  const ending = (work: Promise<void>): Promise<void> => work.finally(() => isOver = true);
  // nothing may be under way when the clients are closed
  const [ended, ...others] = await Promise.allSettled([write(), read(), read()].map(ending));
  for (const result of [...others, ended!]) if (result.status === "rejected") throw result.reason;
}

async function keepsNoState(bench: Bench): Promise<void> {
  const { one, other, newKey } = bench;
  const [key, second] = [newKey(), newKey()];
  const version = await one.mustWrite(key, newRecord("by one"), null);
  const ofSecond = await one.mustWrite(second, newRecord("by one"), null);
  // one client, whose calls for two keys take turns
  await other.mustRead(key);
  await other.mustRead(second);
  const next = await other.mustWrite(key, newRecord("by the other"), version);
  await other.mustWrite(second, newRecord("by the other"), ofSecond);
  const newcomer = await bench.open();
  const record = newRecord("by a newcomer");
  const last = await newcomer.mustWrite(key, record, next);
  for (const client of [one, other]) await client.mustFind(key, record, last, "after a new client's write");
}

async function servesManyAtOnce({ one, other, newKey }: Bench): Promise<void> {
  const tasks = Array.from({ length: 20 }, (_, index) => ({ key: newKey(), record: newRecord(`task ${index}`) }));
  const versions = await Promise.all(tasks.map(({ key, record }) => one.mustWrite(key, record, null)));
  for (const client of [one, other]) {
    await Promise.all(
      tasks.map(({ key, record }, index) => client.mustFind(key, record, versions[index]!, "among calls at once")),
    );
  }
}

/** September 2001 in milliseconds. */
const LEAST_STORE_MS = 1e12;

/** HTTP servers tell whole seconds, and not all servers of a service have the same time. */
const TOLERANCE_MS = 1_000;

async function storeTimeIsPlausible({ one, other, newKey }: Bench): Promise<void> {
  const key = newKey();
  await one.mustWrite(key, newRecord("timed"), null);
  let latestMs = -Infinity;
  for (const client of [one, other, one, other, one, other]) {
    const { storeTime: nowMs } = await client.mustRead(key);
    if (nowMs === undefined) continue;
    const isPlausible = nowMs >= LEAST_STORE_MS && nowMs < 864e13;
    must(isPlausible, "storeTime must be a time in milliseconds since 1970, not before 2001", nowMs);
    const rule = `storeTime must not go back by more than ${TOLERANCE_MS} ms from ${display(latestMs)}`;
    must(nowMs >= latestMs - TOLERANCE_MS, rule, nowMs);
    latestMs = Math.max(latestMs, nowMs);
  }
}

/** Checks of what clients see of each other. */
export const READ_CHECKS: readonly Check[] = [
  { name: "a read shows what was written, to the writer and to others", run: readsShowWrites },
  { name: "reads during writes never go back", run: readsNeverGoBack },
  { name: "a client keeps no state between calls", run: keepsNoState },
  { name: "a client serves many tasks at once", run: servesManyAtOnce },
  { name: "the store's time, if it tells it, is in milliseconds and goes forward", run: storeTimeIsPlausible },
];

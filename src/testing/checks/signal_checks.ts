/**
 * Checks that a signal ends a call, and that the client stays usable.
 *
 * @module
 */
import type { Check, CheckContext } from "../check_context.ts";
import type { CheckedClient } from "../../store_check/checked_client.ts";
import { newRecord } from "../records.ts";
import { bytesOf } from "../../store_check/bytes.ts";
import { CallTimeoutError, settle, type Settled, sleep, withTimeLimit } from "../../store_check/settle.ts";
import { requireThat, sameBytes } from "../../store_check/store_check_error.ts";

/** A prompt call ends within this time. */
export const PROMPT_MS = 1_000;

/** How long to wait for a write that must not happen. */
const LATE_WRITE_MS = 50;

/** How long after its start a call is aborted; `undefined` aborts it immediately. */
const ABORT_DELAYS_MS = [undefined, 0, 1, 3, 10];

/** How many writes may fail after aborted calls, as one of those may still take effect. */
const MAX_LATE_WRITES = 3;

/** Requires that a call rejects in time. */
export async function mustReject(name: string, limitMs: number, call: () => Promise<unknown>): Promise<void> {
  const { isFulfilled, value, error } = await settle(withTimeLimit(limitMs, name, call));
  const isLate = error instanceof CallTimeoutError;
  requireThat(!isFulfilled && !isLate, `${name} must reject within ${limitMs} ms`, isLate ? error : value);
}

async function rejectsAbortedSignals({ one, other, newKey }: CheckContext): Promise<void> {
  const [key, unusedKey] = [newKey(), newKey()];
  const record = newRecord("stays");
  const version = await one.mustWrite(key, record, null);
  const signal = AbortSignal.abort(new DOMException("aborted before the call", "AbortError"));
  const mustRejectSoon = (name: string, call: () => Promise<unknown>): Promise<void> =>
    mustReject(`${name} with an aborted signal`, PROMPT_MS, call);
  for (const client of [one, other]) {
    await mustRejectSoon("read()", () => client.read(key, signal));
    await mustRejectSoon("write()", () => client.write(key, newRecord("aborted"), version, signal));
    await mustRejectSoon("write()", () => client.write(unusedKey, newRecord("aborted"), null, signal));
  }
  await sleep(LATE_WRITE_MS);
  await other.mustFind(key, record, version, "after writes with an aborted signal");
  const entry = await other.read(unusedKey);
  requireThat(entry === null, "a write with an aborted signal must not create a record", entry);
}

/** Makes a call, aborts it, and requires that it ends in time. */
async function abortDuring<T>(
  name: string,
  delayMs: number | undefined,
  call: (signal: AbortSignal) => Promise<T>,
): Promise<Settled<T>> {
  const controller = new AbortController();
  const settled = settle(call(controller.signal));
  if (delayMs !== undefined) await sleep(delayMs);
  controller.abort(new DOMException("aborted during the call", "AbortError"));
  const inTime = await settle(withTimeLimit(PROMPT_MS, name, () => settled));
  requireThat(inTime.isFulfilled, `${name} must end within ${PROMPT_MS} ms of its signal's abort`, inTime.error);
  return inTime.value;
}

async function endsAbortedCalls({ one, other, newKey }: CheckContext): Promise<void> {
  const key = newKey();
  await one.mustWrite(key, newRecord("first"), null);
  for (const delayMs of ABORT_DELAYS_MS) {
    for (const client of [one, other]) {
      const read = await abortDuring("read()", delayMs, (signal) => client.read(key, signal));
      requireThat(read.value !== null, "a read whose signal aborts must reject or return the record", read.value);
      await abortWrite(client, key, delayMs);
      await mustStayUsable(client, key);
    }
  }
}

/** Aborts a write, which may have any outcome, but must not return a wrong one. */
async function abortWrite(client: CheckedClient, key: string, delayMs: number | undefined): Promise<void> {
  const before = await client.mustRead(key);
  const record = bytesOf(newRecord("aborted"));
  const write = await abortDuring("write()", delayMs, (signal) => client.write(key, record, before.version, signal));
  if (write.isFulfilled) {
    const version = write.value;
    const rule = "a write whose signal aborts must reject or succeed, as there is no conflict";
    requireThat(version !== null, rule, version);
    return await client.mustFind(key, record, version, "after a write that succeeded");
  }
  const { value } = await client.mustRead(key);
  const isEither = sameBytes(value, record) || sameBytes(value, before.value);
  requireThat(isEither, "after a write that was aborted the record must be the new or the old one", value);
}

async function mustStayUsable(client: CheckedClient, key: string): Promise<void> {
  for (let attempt = 1; attempt <= MAX_LATE_WRITES; attempt++) {
    const { version } = await client.mustRead(key);
    const record = newRecord("after an abort");
    const newVersion = await client.write(key, record, version);
    if (newVersion !== null) return await client.mustFind(key, record, newVersion, "after aborted calls");
  }
  requireThat(false, "after aborted calls a write with the current version must return the new version", null);
}

/** Checks of signals. */
export const SIGNAL_CHECKS: readonly Check[] = [
  { name: "a call with an aborted signal rejects immediately and writes nothing", run: rejectsAbortedSignals },
  { name: "a signal that aborts during a call ends it, and the client stays usable", run: endsAbortedCalls },
];

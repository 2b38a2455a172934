/**
 * Checks that a caller who stops waiting is let go, and that nothing is the worse for it.
 *
 * @module
 */
import type { Bench, Check } from "../bench.ts";
import { type CheckedClient, type Outcome, outcomeOf, pauseMs, Unsettled, within } from "../checked_client.ts";
import { must, sameBytes } from "../expectation.ts";
import { bytesOf, newRecord } from "../record.ts";

/** What is prompt. */
export const PROMPT_MS = 1_000;

/** How long to wait for what must not happen. */
const WATCH_MS = 50;

/** Has a call end in time, by rejecting. */
export async function mustReject(what: string, limitMs: number, call: () => Promise<unknown>): Promise<void> {
  const { isAnswered, value, error } = await outcomeOf(within(limitMs, what, call));
  const isLate = error instanceof Unsettled;
  must(!isAnswered && !isLate, `${what} must reject within ${limitMs} ms`, isLate ? error : value);
}

async function abortedBefore({ one, other, newKey }: Bench): Promise<void> {
  const [key, unusedKey] = [newKey(), newKey()];
  const record = newRecord("stands");
  const version = await one.mustWrite(key, record, null);
  const signal = AbortSignal.abort(new DOMException("aborted before the call", "AbortError"));
  const mustRejectSoon = (what: string, call: () => Promise<unknown>): Promise<void> =>
    mustReject(`${what} with a signal that has aborted`, PROMPT_MS, call);
  for (const client of [one, other]) {
    await mustRejectSoon("read()", () => client.read(key, signal));
    await mustRejectSoon("write()", () => client.write(key, newRecord("aborted"), version, signal));
    await mustRejectSoon("write()", () => client.write(unusedKey, newRecord("aborted"), null, signal));
  }
  await pauseMs(WATCH_MS);
  await other.mustFind(key, record, version, "after writes with a signal that had aborted");
  const entry = await other.read(unusedKey);
  must(entry === null, "a write with a signal that has aborted must not create a record", entry);
}

/** How long after the beginning of a call it is aborted; at once where there is no time. */
const ABORTS_MS = [undefined, 0, 1, 3, 10];

/** Makes a call and aborts it; then it must settle soon. */
async function abortDuring<T>(
  what: string,
  delayMs: number | undefined,
  call: (signal: AbortSignal) => Promise<T>,
): Promise<Outcome<T>> {
  const controller = new AbortController();
  const called = outcomeOf(call(controller.signal));
  if (delayMs !== undefined) await pauseMs(delayMs);
  controller.abort(new DOMException("aborted during the call", "AbortError"));
  const settled = await outcomeOf(within(PROMPT_MS, what, () => called));
  must(settled.isAnswered, `${what} must settle within ${PROMPT_MS} ms of its signal's abort`, settled.error);
  return settled.value;
}

async function abortedDuring({ one, other, newKey }: Bench): Promise<void> {
  const key = newKey();
  await one.mustWrite(key, newRecord("first"), null);
  for (const delayMs of ABORTS_MS) {
    for (const client of [one, other]) {
      const read = await abortDuring("read()", delayMs, (signal) => client.read(key, signal));
      must(read.value !== null, "a read whose signal aborts must reject or answer with the record", read.value);
      await settleWrite(client, key, delayMs);
      await goOn(client, key);
    }
  }
}

/** A write that is aborted may have any outcome, but what it says must be so. */
async function settleWrite(client: CheckedClient, key: string, delayMs: number | undefined): Promise<void> {
  const before = await client.mustRead(key);
  const record = bytesOf(newRecord("aborted"));
  const outcome = await abortDuring(
    "write()",
    delayMs,
    (signal) => client.write(key, record, before.version, signal),
  );
  if (outcome.isAnswered) {
    const version = outcome.value;
    must(version !== null, "a write whose signal aborts must reject or be written, as there is no conflict", version);
    return await client.mustFind(key, record, version, "after a write that was answered");
  }
  const { value } = await client.mustRead(key);
  const isEither = sameBytes(value, record) || sameBytes(value, before.value);
  must(isEither, "after a write that was aborted the record must be the new or the old one", value);
}

/** A client must be of use after its calls were aborted; what still lands late is no fault of its. */
async function goOn(client: CheckedClient, key: string): Promise<void> {
  for (let attempt = 1; attempt <= 3; attempt++) {
    const { version } = await client.mustRead(key);
    const record = newRecord("goes on");
    const next = await client.write(key, record, version);
    if (next !== null) return await client.mustFind(key, record, next, "after aborted calls");
  }
  must(false, "after aborted calls a write with the version that stands must be answered with its version", null);
}

/** Checks of signals. */
export const SIGNAL_CHECKS: readonly Check[] = [
  { name: "a signal that has aborted rejects at once, and nothing is written", run: abortedBefore },
  { name: "a signal that aborts during a call ends it, and the client stays usable", run: abortedDuring },
];

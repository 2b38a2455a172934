/**
 * Checks of the optional method list().
 *
 * @module
 */
import type { CheckedClient } from "../../store_check/checked_client.ts";
import { settle } from "../../store_check/settle.ts";
import { requireThat } from "../../store_check/store_check_error.ts";
import type { Check, CheckContext } from "../check_context.ts";
import { newRecord } from "../records.ts";
import { inBatches } from "./key_checks.ts";
import { SIMILAR_ENDINGS } from "./key_samples.ts";
import { mustReject, PROMPT_MS } from "./signal_checks.ts";

/** Lists the keys that begin with a stem. */
async function keysOf(client: CheckedClient, stem: string): Promise<string[]> {
  const list = client.list();
  const keys: string[] = [];
  for (let key = await list.next(); key !== undefined; key = await list.next()) {
    if (key.startsWith(stem)) keys.push(key);
  }
  return keys;
}

/** Requires that a client lists these keys, each of them once, and no others that begin with the stem. */
async function mustList(client: CheckedClient, stem: string, written: readonly string[]): Promise<void> {
  const listed = await keysOf(client, stem);
  const missing = written.find((key) => !listed.includes(key));
  requireThat(missing === undefined, "list() must yield every key that was written", missing);
  const added = listed.find((key) => !written.includes(key));
  requireThat(added === undefined, "list() must yield no key that was not written", added);
  const repeated = listed.find((key, index) => listed.indexOf(key) !== index);
  requireThat(repeated === undefined, "list() must yield a key once", repeated);
}

async function listsEachKeyOnce({ one, other, keyStem, newKey }: CheckContext): Promise<void> {
  const written: string[] = [];
  await inBatches(SIMILAR_ENDINGS.map((ending) => keyStem + ending), async (key) => {
    const { isFulfilled, value: version } = await settle(one.write(key, newRecord("listed"), null));
    // another check requires that the store accepts the key
    if (!isFulfilled || version === null) return;
    written.push(key);
    const isReplaced = written.length % 4 === 0;
    if (isReplaced) await other.mustWrite(key, newRecord("listed again"), version);
  });
  await other.read(newKey());
  for (const client of [one, other]) await mustList(client, keyStem, written);
}

/** Writes some records. Returns their keys. */
async function writeSome({ one, newKey }: CheckContext): Promise<string[]> {
  const keys = Array.from({ length: 3 }, newKey);
  for (const key of keys) await one.mustWrite(key, newRecord("listed"), null);
  return keys;
}

async function mayBeLeft(context: CheckContext): Promise<void> {
  const { one, keyStem } = context;
  const keys = await writeSome(context);
  const unused = one.list();
  await unused.leave();
  const list = one.list();
  const first = await list.next();
  requireThat(first !== undefined, "list() must yield every key that was written", first);
  await list.leave();
  const further = await list.next();
  requireThat(further === undefined, "list() must yield nothing once its consumer has left", further);
  await mustList(one, keyStem, keys);
}

async function endsAtSignal(context: CheckContext): Promise<void> {
  const { one, keyStem } = context;
  const keys = await writeSome(context);
  const aborted = AbortSignal.abort(new DOMException("aborted before the call", "AbortError"));
  await mustReject("list() with an aborted signal", PROMPT_MS, () => one.list(aborted).next());
  const controller = new AbortController();
  const list = one.list(controller.signal);
  await list.next();
  controller.abort(new DOMException("aborted during the call", "AbortError"));
  await mustReject("list() whose signal aborts after the first of several keys", PROMPT_MS, () => list.next());
  await mustList(one, keyStem, keys);
}

/** Checks of lists. */
export const LIST_CHECKS: readonly Check[] = [
  { name: "list(), if the store has it, yields each written key once", method: "list", run: listsEachKeyOnce },
  { name: "list(), if the store has it, may be left early", method: "list", run: mayBeLeft },
  { name: "list(), if the store has it, rejects when its signal aborts", method: "list", run: endsAtSignal },
];

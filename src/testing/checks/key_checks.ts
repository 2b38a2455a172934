/**
 * Checks that each name of a task is a key with a record of its own.
 *
 * @module
 */
import { newId } from "../../record/ids.ts";
import type { Check, CheckContext } from "../check_context.ts";
import type { CheckedClient } from "../../store_check/checked_client.ts";
import { bytesOf } from "../../store_check/bytes.ts";
import { settle } from "../../store_check/settle.ts";
import { requireThat } from "../../store_check/store_check_error.ts";
import { longKeys, randomCharacter, SIMILAR_ENDINGS, SPECIAL_KEYS } from "./key_samples.ts";

/** How many keys are used at once. */
const BATCH_SIZE = 8;

/** How often the record at a special key is replaced while other checks replace it, too. */
const MAX_REPLACE_ATTEMPTS = 20;

const FORMAT = "neat-periodic-task-store-check";

/** A record that holds its key. */
function recordFor(key: string): Uint8Array {
  return bytesOf(JSON.stringify({ format: FORMAT, key, id: newId() }));
}

/** The key in a record; `undefined` if the record is not one of the checks. */
function keyIn(value: Uint8Array): unknown {
  try {
    const { format, key } = JSON.parse(new TextDecoder().decode(value));
    return format === FORMAT ? key : undefined;
  } catch {
    return undefined;
  }
}

/** A key as messages show it. */
function shownKey(key: string): string {
  return JSON.stringify(key.length > 80 ? `${key.slice(0, 60)}…${key.slice(-10)}` : key);
}

/** Makes calls for all items, some at once. */
export async function inBatches<T>(items: readonly T[], call: (item: T) => Promise<void>): Promise<void> {
  for (let start = 0; start < items.length; start += BATCH_SIZE) {
    await Promise.all(items.slice(start, start + BATCH_SIZE).map(call));
  }
}

/** Writes all records before it reads them, to find one that was written in the place of another. */
async function haveSeparateRecords({ one, other, settings }: CheckContext, keys: readonly string[]): Promise<void> {
  const written: { readonly key: string; readonly record: Uint8Array; readonly version: string }[] = [];
  await inBatches(keys, async (key) => {
    const record = recordFor(key);
    const { isFulfilled, value: version, error } = await settle(one.write(key, record, null));
    if (!isFulfilled) {
      const bytes = bytesOf(key).length;
      const rule = `a key of ${key.length} characters and ${bytes} bytes, ${shownKey(key)}, must be accepted`;
      requireThat(bytes > settings.maxKeyBytes, rule, error);
      return;
    }
    const existing = version === null ? await one.read(key) : undefined;
    requireThat(version !== null, `the key ${shownKey(key)} must not have a record yet`, existing);
    written.push({ key, record, version });
  });
  await inBatches(written, async ({ key, record, version }) => {
    await other.mustFind(key, record, version, `at the key ${shownKey(key)}`);
  });
}

/** Replaces a record of earlier or concurrent checks, but never data of another program. */
async function replaceOwn(client: CheckedClient, key: string): Promise<void> {
  for (let attempt = 1; attempt <= MAX_REPLACE_ATTEMPTS; attempt++) {
    const entry = await client.read(key);
    const isOwn = entry === null || keyIn(entry.value) !== undefined;
    requireThat(isOwn, `the key ${shownKey(key)} must be free for the checks`, entry);
    const newVersion = await client.write(key, recordFor(key), entry?.version ?? null);
    if (newVersion !== null) return;
  }
  requireThat(false, `a write at the key ${shownKey(key)} with the current version must succeed`, null);
}

async function specialKeysHaveSeparateRecords({ one, other }: CheckContext): Promise<void> {
  const keys = [...SPECIAL_KEYS, randomCharacter()];
  for (const key of keys) await replaceOwn(one, key);
  for (const key of keys) {
    const { value } = await other.mustRead(key);
    requireThat(keyIn(value) === key, `the record at the key ${shownKey(key)} must be the one written there`, value);
  }
}

/** Checks of keys. */
export const KEY_CHECKS: readonly Check[] = [
  {
    name: "similar keys have separate records",
    run: (context) => haveSeparateRecords(context, SIMILAR_ENDINGS.map((ending) => context.keyStem + ending)),
  },
  { name: "special keys such as .. have separate records", run: specialKeysHaveSeparateRecords },
  {
    name: "keys of up to 500 characters have separate records",
    run: (context) => haveSeparateRecords(context, longKeys(context.keyStem)),
  },
];

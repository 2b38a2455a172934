/**
 * Checks that any name of a task is a key with a record of its own.
 *
 * @module
 */
import { newId } from "../../record/ids.ts";
import type { Bench, Check } from "../bench.ts";
import { type CheckedClient, outcomeOf } from "../checked_client.ts";
import { must } from "../expectation.ts";
import { bytesOf } from "../record.ts";
import { ALIKE, namesByLength, ODD_ALONE, randomCharacter } from "./odd_keys.ts";

/** How many keys are written at once. */
const AT_ONCE = 8;

const FORMAT = "neat-periodic-task-store-check";

/** A record that says which key it is for. */
function recordFor(key: string): Uint8Array {
  return bytesOf(JSON.stringify({ format: FORMAT, key, id: newId() }));
}

/** Which key a record is for, if a check has written it. */
function keyOf(value: Uint8Array): unknown {
  try {
    const { format, key } = JSON.parse(new TextDecoder().decode(value));
    return format === FORMAT ? key : undefined;
  } catch {
    return undefined;
  }
}

/** A key as a message shows it. */
function shownKey(key: string): string {
  return JSON.stringify(key.length > 80 ? `${key.slice(0, 60)}…${key.slice(-10)}` : key);
}

async function inBatches<T>(items: readonly T[], each: (item: T) => Promise<void>): Promise<void> {
  for (let start = 0; start < items.length; start += AT_ONCE) {
    await Promise.all(items.slice(start, start + AT_ONCE).map(each));
  }
}

/** Writes all records, and then reads them all, so that whichever was written in the place of another is seen. */
async function eachHasItsOwn({ one, other, settings }: Bench, keys: readonly string[]): Promise<void> {
  const finds: (() => Promise<void>)[] = [];
  await inBatches(keys, async (key) => {
    const record = recordFor(key);
    const outcome = await outcomeOf(one.write(key, record, null));
    if (!outcome.isAnswered) {
      const bytes = bytesOf(key).length;
      const rule = `a key of ${key.length} characters and ${bytes} bytes, ${shownKey(key)}, must be taken`;
      must(bytes > settings.maxKeyBytes, rule, outcome.error);
      return;
    }
    const version = outcome.value;
    const found = version === null ? await one.read(key) : undefined;
    must(version !== null, `the key ${shownKey(key)} must not have a record yet`, found);
    finds.push(() => other.mustFind(key, record, version, `at the key ${shownKey(key)}`));
  });
  await inBatches(finds, (find) => find());
}

/** Writes a record for a key, unless someone else's is there; other checks may be doing the same. */
async function replaceOwn(client: CheckedClient, key: string): Promise<void> {
  for (let attempt = 1; attempt <= 20; attempt++) {
    const entry = await client.read(key);
    const isOwn = entry === null || keyOf(entry.value) !== undefined;
    must(isOwn, `the key ${shownKey(key)} must be free for the checks`, entry);
    if (await client.write(key, recordFor(key), entry?.version ?? null) !== null) return;
  }
  must(false, `a record at the key ${shownKey(key)} must be replaced by who knows its version`, null);
}

/** These keys may have been used by earlier checks, and may be in use by others: what they left there is replaced. */
async function oddAlone({ one, other }: Bench): Promise<void> {
  const keys = [...ODD_ALONE, randomCharacter()];
  for (const key of keys) await replaceOwn(one, key);
  for (const key of keys) {
    const { value } = await other.mustRead(key);
    must(keyOf(value) === key, `the record at the key ${shownKey(key)} must be the one written there`, value);
  }
}

/** Checks of keys. */
export const KEY_CHECKS: readonly Check[] = [
  {
    name: "keys that are nearly alike have records of their own",
    run: (bench) => eachHasItsOwn(bench, ALIKE.map((end) => bench.keyStem + end)),
  },
  { name: "keys that are odd as a whole have records of their own", run: oddAlone },
  {
    name: "keys of up to 500 characters have records of their own",
    run: (bench) => eachHasItsOwn(bench, namesByLength(bench.keyStem)),
  },
];

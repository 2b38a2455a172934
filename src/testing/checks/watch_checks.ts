/**
 * Checks of the optional method watch().
 *
 * @module
 */
import type { CheckedClient } from "../../store_check/checked_client.ts";
import type { CheckedWatch } from "../../store_check/checked_watch.ts";
import type { Check, CheckContext } from "../check_context.ts";
import { newRecord } from "../records.ts";

/** How many writes are watched. */
const WRITES = 3;

/** How many watches are left early: more than a store may have at once if it forgets to end them. */
const LEFT_WATCHES = 12;

/** Writes one record again and again. */
class Writer {
  readonly #client: CheckedClient;
  readonly #key: string;
  #version: string | null = null;

  constructor(client: CheckedClient, key: string) {
    this.#client = client;
    this.#key = key;
  }

  async write(): Promise<void> {
    this.#version = await this.#client.mustWrite(this.#key, newRecord("watched"), this.#version);
  }
}

/** Runs a check with watches, and ends them. */
async function withWatches(watches: readonly CheckedWatch[], check: () => Promise<void>): Promise<void> {
  try {
    await check();
  } finally {
    for (const watch of watches) await watch.stop();
  }
}

async function hintsAtEachWrite({ one, other, newKey }: CheckContext): Promise<void> {
  const key = newKey();
  const writer = new Writer(other, key);
  const watch = one.watch(key);
  await withWatches([watch], async () => {
    for (let writes = 0; writes < WRITES; writes++) {
      await watch.settle();
      await writer.write();
      await watch.mustHint();
    }
  });
}

async function endsAtSignal({ one, other, newKey }: CheckContext): Promise<void> {
  const key = newKey();
  const aborted = new AbortController();
  aborted.abort(new DOMException("aborted before the call", "AbortError"));
  await one.watch(key, aborted).mustEndAtAbort();
  const watch = one.watch(key);
  await withWatches([watch], async () => {
    await watch.settle();
    await watch.mustEndAtAbort();
  });
  await new Writer(other, key).write();
}

async function hintsToEachWatcher({ one, other, newKey }: CheckContext): Promise<void> {
  const key = newKey();
  const writer = new Writer(other, key);
  const watches = [one.watch(key), one.watch(key), other.watch(key)];
  await withWatches(watches, async () => {
    for (const watch of watches) await watch.settle();
    await writer.write();
    for (const watch of watches) await watch.mustHint();
    const [left, ...others] = watches;
    await left?.mustEndAtReturn();
    for (const watch of others) await watch.settle();
    await writer.write();
    for (const watch of others) await watch.mustHint();
  });
}

async function leavesNothing({ one, other, newKey }: CheckContext): Promise<void> {
  const key = newKey();
  const writer = new Writer(other, key);
  const lasting = one.watch(key);
  await withWatches([lasting], async () => {
    for (let count = 0; count < LEFT_WATCHES; count++) {
      const watch = one.watch(key);
      await watch.settle();
      await writer.write();
      await watch.mustHint();
      await watch.mustEndAtReturn();
    }
    await lasting.settle();
    await writer.write();
    await lasting.mustHint();
  });
}

/** Checks of watches. */
export const WATCH_CHECKS: readonly Check[] = [
  { name: "watch(), if the store has it, yields soon after each write", method: "watch", run: hintsAtEachWrite },
  { name: "watch(), if the store has it, ends without an error at its signal", method: "watch", run: endsAtSignal },
  { name: "watch(), if the store has it, yields to each watcher of a key", method: "watch", run: hintsToEachWatcher },
  { name: "watch(), if the store has it, leaves nothing behind", method: "watch", run: leavesNothing },
];

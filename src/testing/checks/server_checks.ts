/**
 * Checks of clients whose server hangs or fails.
 *
 * @module
 */
import type { Check, CheckContext, CheckSettings } from "../check_context.ts";
import type { CheckedClient } from "../../store_check/checked_client.ts";
import { newRecord } from "../records.ts";
import { bytesOf } from "../../store_check/bytes.ts";
import { settle, sleep } from "../../store_check/settle.ts";
import { mustReject, PROMPT_MS } from "./signal_checks.ts";

/** The time limit of a client that must end its calls by itself. */
const CLIENT_LIMIT_MS = 300;

/** How long a call is pending before it is aborted. */
const ABORT_AFTER_MS = 50;

interface NamedCall {
  readonly name: string;
  readonly call: (signal?: AbortSignal) => Promise<unknown>;
}

/** Calls the store itself: the time limit of the checked client would hide that the store has none. */
function callsOf({ store }: CheckedClient, key: string): readonly NamedCall[] {
  const value = bytesOf(newRecord("unanswered"));
  const optionsOf = (signal?: AbortSignal): { signal: AbortSignal } | undefined => signal && { signal };
  return [
    { name: "read()", call: async (signal) => await store.read(key, optionsOf(signal)) },
    { name: "write()", call: async (signal) => await store.write(key, value, null, optionsOf(signal)) },
    ...store.readMany
      ? [{ name: "readMany()", call: async (signal?: AbortSignal) => await store.readMany?.([key], optionsOf(signal)) }]
      : [],
    ...store.list
      ? [{
        name: "list()",
        call: async (signal?: AbortSignal) => await store.list?.(optionsOf(signal))[Symbol.asyncIterator]().next(),
      }]
      : [],
  ];
}

async function endsAtTimeLimit(context: CheckContext): Promise<void> {
  const { openHung = missingOption } = context.settings;
  const client = await context.open(() => openHung(CLIENT_LIMIT_MS));
  for (const { name, call } of callsOf(client, context.newKey())) {
    await mustReject(`${name} of a server that never answers`, CLIENT_LIMIT_MS + PROMPT_MS, call);
  }
}

async function endsAtAbort(context: CheckContext): Promise<void> {
  const { openHung = missingOption, callLimitMs } = context.settings;
  const client = await context.open(() => openHung(callLimitMs));
  for (const { name, call } of callsOf(client, context.newKey())) {
    const controller = new AbortController();
    const settled = settle(call(controller.signal));
    await sleep(ABORT_AFTER_MS);
    controller.abort(new DOMException("aborted while the server hangs", "AbortError"));
    await mustReject(`${name} of a server that never answers, once its signal aborts,`, PROMPT_MS, async () => {
      const { isFulfilled, value, error } = await settled;
      if (isFulfilled) return value;
      throw error;
    });
  }
}

async function throwsIfServerFails(context: CheckContext): Promise<void> {
  const { openFailing = missingOption, callLimitMs } = context.settings;
  const client = await context.open(openFailing);
  for (const { name, call } of callsOf(client, context.newKey())) {
    await mustReject(`${name} of a server that fails`, callLimitMs, call);
  }
}

/** Not reached, as a check without its option is skipped. */
function missingOption(): never {
  throw new TypeError("Cannot run the check as its option is missing: current value is undefined");
}

function skippedWithout(option: "openHung" | "openFailing"): (settings: CheckSettings) => string | undefined {
  return (settings) => settings[option] ? undefined : `there is no option "${option}"`;
}

/** Checks of hanging and failing servers. */
export const SERVER_CHECKS: readonly Check[] = [
  {
    name: "a call to a server that never answers ends at the client's time limit",
    skipped: skippedWithout("openHung"),
    run: endsAtTimeLimit,
  },
  {
    name: "a call to a server that never answers ends when its signal aborts",
    skipped: skippedWithout("openHung"),
    run: endsAtAbort,
  },
  {
    name: "a call to a server that fails throws",
    skipped: skippedWithout("openFailing"),
    run: throwsIfServerFails,
  },
];

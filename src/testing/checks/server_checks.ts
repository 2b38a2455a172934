/**
 * Checks of a client whose server doesn't do its work. They need clients that are made so.
 *
 * @module
 */
import type { Bench, BenchSettings, Check } from "../bench.ts";
import { type CheckedClient, outcomeOf, pauseMs } from "../checked_client.ts";
import { newRecord } from "../record.ts";
import { mustReject, PROMPT_MS } from "./signal_checks.ts";

/** The limit that a client is given that is to end its calls by itself. */
const LIMIT_MS = 300;

/** When a call that is to be aborted is under way. */
const UNDER_WAY_MS = 50;

type Call = readonly [what: string, call: (signal?: AbortSignal) => Promise<unknown>];

function callsOf({ store }: CheckedClient, key: string): readonly Call[] {
  const value = new TextEncoder().encode(newRecord("unanswered"));
  // past the checked client, whose limit would cover up that the store has none
  return [
    ["read()", async (signal) => await store.read(key, signal && { signal })],
    ["write() without a version", async (signal) => await store.write(key, value, null, signal && { signal })],
  ];
}

async function givesUp(bench: Bench): Promise<void> {
  const client = await bench.open(() => bench.settings.openHung!(LIMIT_MS));
  for (const [what, call] of callsOf(client, bench.newKey())) {
    await mustReject(`${what} of a server that never answers`, LIMIT_MS + PROMPT_MS, call);
  }
}

async function letsGo(bench: Bench): Promise<void> {
  const client = await bench.open(() => bench.settings.openHung!(bench.settings.callLimitMs));
  for (const [what, call] of callsOf(client, bench.newKey())) {
    const controller = new AbortController();
    const called = outcomeOf(call(controller.signal));
    await pauseMs(UNDER_WAY_MS);
    controller.abort(new DOMException("aborted while the server is silent", "AbortError"));
    await mustReject(`${what} of a server that never answers, once its signal aborts,`, PROMPT_MS, async () => {
      const { isAnswered, value, error } = await called;
      if (isAnswered) return value;
      throw error;
    });
  }
}

async function throwsWhatFails(bench: Bench): Promise<void> {
  const client = await bench.open(bench.settings.openFailing!);
  for (const [what, call] of callsOf(client, bench.newKey())) {
    await mustReject(`${what} of a server that fails`, bench.settings.callLimitMs, call);
  }
}

function without(option: "openHung" | "openFailing"): (settings: BenchSettings) => string | undefined {
  return (settings) => settings[option] ? undefined : `there is no option "${option}"`;
}

/** Checks of clients that have no good server. */
export const SERVER_CHECKS: readonly Check[] = [
  {
    name: "a server that never answers is given up on at the client's limit",
    skipped: without("openHung"),
    run: givesUp,
  },
  {
    name: "a server that never answers is given up on when the signal aborts",
    skipped: without("openHung"),
    run: letsGo,
  },
  {
    name: "a server that fails is an error, neither a conflict nor an absent record",
    skipped: without("openFailing"),
    run: throwsWhatFails,
  },
];

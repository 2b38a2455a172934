/**
 * Parts of the tests on a real server.
 *
 * @module
 */
import type { NeatPeriodicTaskOptions, StatusStore } from "@neat/periodic-task";
import { PostgresStore, type PostgresStoreOptions } from "@neat/periodic-task/stores/postgres";
import { type ClientOptions, DRIVERS, type OpenedClient } from "./clients.ts";

/** A record. */
export const RECORD: Uint8Array = new TextEncoder().encode("{}");

/** The first table of a test. */
const TABLE = { table: "tasks" };

/** A store with its client. Disposing of it closes the client. */
export interface OpenedStore extends AsyncDisposable {
  readonly store: PostgresStore;
  readonly client: OpenedClient["client"];
}

/** Opens a store with a driver. */
export async function openStore(
  driver: string,
  url: string,
  { max, ...options }: Omit<Partial<PostgresStoreOptions>, "client"> & ClientOptions = {},
): Promise<OpenedStore> {
  const { client, close } = await DRIVERS[driver]?.(url, max === undefined ? {} : { max }) ?? noDriver(driver);
  const store = new PostgresStore({ client, ...TABLE, ...options });
  return { store, client, [Symbol.asyncDispose]: async () => void await close() };
}

function noDriver(driver: string): never {
  throw new RangeError(`Cannot open the client as there is no such driver: current value is ${driver}`);
}

/** The outcome of a call: its result, or the message of its error. */
export async function outcomeOf(call: Promise<unknown>): Promise<unknown> {
  return await call.catch((error) => error instanceof Error ? error.message : error);
}

/** Waits. */
export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Waits until a condition holds, for at most 30 seconds: the machine may be busy, and Postgres.js waits up to 20 to connect again. */
export async function until(condition: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const endMs = performance.now() + 30_000;
  while (!await condition()) {
    if (performance.now() > endMs) throw new Error(`Cannot wait any longer: ${what}`);
    await sleep(20);
  }
}

/** Collects hints until it is stopped. */
export class HintCounter implements AsyncDisposable {
  count = 0;
  error: unknown;
  readonly #controller = new AbortController();
  readonly #done: Promise<void>;

  /** Starts to watch. */
  constructor(store: StatusStore, key: string) {
    this.#done = this.#watch(store, key);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#controller.abort();
    await this.#done;
  }

  async #watch(store: StatusStore, key: string): Promise<void> {
    try {
      for await (const _ of store.watch?.(key, this.#controller) ?? []) this.count++;
    } catch (error) {
      this.error = error;
    }
  }
}

/** A call of a task. */
export interface Call {
  readonly replica: string;
  readonly term: number;
  readonly startMs: number;
  endMs?: number;
}

/** The options of a scheduler that runs as often as possible and notes its calls. */
export function busyTask(store: StatusStore, replica: string, calls: Call[]): NeatPeriodicTaskOptions {
  return {
    name: "busy",
    interval: 300,
    minCycle: 100,
    timeout: 2_000,
    instance: replica,
    store,
    log: { info: () => {}, warn: () => {}, error: () => {} },
    task: async ({ term }) => {
      const call: Call = { replica, term, startMs: performance.now() };
      calls.push(call);
      await sleep(20);
      call.endMs = performance.now();
    },
  };
}

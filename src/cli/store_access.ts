/**
 * Opens the store of a command, and closes it at the end.
 *
 * @module
 */
import type { OpenedStore } from "../../stores/open.ts";
import { TaskRunningError, UnknownTaskError } from "../control/errors.ts";
import type { StatusStore, StoreCallOptions } from "../store/store.ts";
import type { Clock } from "../time/clock.ts";
import type { Invocation } from "./command.ts";
import { type Redaction, redactionOf, shownAddress } from "./secrets.ts";
import { UsageError } from "./usage_error.ts";

/** The store cannot be opened, or its calls fail. The message has no secrets. */
export class StoreError extends Error {
  override readonly name: string = "StoreError";
}

/** The store of a command. */
export interface CommandStore extends StatusStore {
  list(options?: StoreCallOptions): AsyncIterable<string>;
}

/** The store of a command, and its address. */
export interface StoreAccess {
  readonly store: CommandStore;
  /** The address without secrets. */
  readonly address: string;
  /** The scheme of the URL, such as `postgres`. */
  readonly scheme: string;
  /** Removes the secrets of the URL from a text. */
  readonly redact: Redaction;
  /** Whether a call of the store has failed last. */
  readonly hasFailed: () => boolean;
}

/** Returns the URL of the store. */
export function storeUrlOf({ values, io, command }: Invocation): string {
  const url = values["store"] ?? io.env["NEAT_STORE"] ?? "";
  if (url !== "") return url;
  throw new UsageError("there is no store: set NEAT_STORE or give --store, such as sqlite:./tasks.db", command.name);
}

/**
 * Calls a function with the store of a command, and closes the store.
 *
 * @throws {UsageError} If there is no URL, or it cannot be used.
 * @throws {StoreError} If the store cannot be opened, or if the function throws because a call of the store fails.
 * @throws What the function throws otherwise.
 */
export async function withStore<T>(
  invocation: Invocation,
  use: (access: StoreAccess) => Promise<T>,
): Promise<T> {
  const url = storeUrlOf(invocation);
  const redact = redactionOf(url);
  const opened = await open(invocation, url, redact);
  const noted = new NotingStore(opened);
  const [scheme = ""] = url.split(":", 1);
  try {
    return await use({ store: noted, address: shownAddress(url), scheme, redact, hasFailed: () => noted.hasFailed });
  } catch (error) {
    // the listing of names for a suggestion may have failed
    if (error instanceof UnknownTaskError || error instanceof TaskRunningError) throw error;
    const isTimeout = (error as { readonly name?: unknown } | null)?.name === "TimeoutError";
    if (noted.hasFailed || isTimeout) throw storeErrorOf(error, redact);
    throw error;
  } finally {
    await closed(opened, invocation.io.clock);
  }
}

/** How long a driver may take to close its connections, in milliseconds. */
const CLOSE_MS = 5_000;

/** Closes a store. What it fails with, or does not end in time, changes no outcome. */
async function closed(store: OpenedStore, clock: Clock): Promise<void> {
  let timer: unknown;
  const late = new Promise<void>((resolve) => timer = clock.setTimer(resolve, CLOSE_MS));
  await Promise.race([late, store.close().catch(() => {})]);
  clock.clearTimer(timer);
}

async function open({ io, command }: Invocation, url: string, redact: Redaction): Promise<OpenedStore> {
  try {
    return await io.openStore(url);
  } catch (error) {
    const message = redact(messageOf(error));
    if (error instanceof RangeError || error instanceof TypeError) throw new UsageError(message, command.name);
    throw new StoreError(message);
  }
}

/** Returns the error about a store that fails, without secrets. */
export function storeErrorOf(error: unknown, redact: Redaction): StoreError {
  return new StoreError(`the store fails: ${redact(messageOf(error))}`);
}

/** Returns the message of an error, with those of its causes that say more. Drivers leave some of them empty. */
export function messageOf(error: unknown): string {
  const messages: string[] = [];
  for (let one: unknown = error, depth = 0; one !== undefined && one !== null && depth < 4; depth++) {
    const { message, code, errors, cause } = one as {
      readonly message?: unknown;
      readonly code?: unknown;
      readonly errors?: readonly unknown[];
      readonly cause?: unknown;
    };
    const text = String(message ?? "") || String((errors?.[0] as { readonly message?: unknown })?.message ?? "") ||
      String(code ?? "") || (typeof one === "object" ? "" : String(one));
    if (text !== "" && !messages.some((other) => other.includes(text))) messages.push(text);
    one = cause;
  }
  return messages.join(": ") || "an error without a message";
}

/** Passes calls on, and notes whether they fail. */
class NotingStore implements CommandStore {
  readonly #store: OpenedStore;
  readonly readMany?: NonNullable<StatusStore["readMany"]>;
  readonly readsTogether?: boolean;
  readonly watch?: (key: string, options?: StoreCallOptions) => AsyncIterable<void>;
  hasFailed = false;

  constructor(store: OpenedStore) {
    this.#store = store;
    const { readMany, readsTogether } = store;
    if (readMany) this.readMany = (keys, options) => this.#noted(() => readMany.call(store, keys, options));
    if (readsTogether) this.readsTogether = true;
    if (store.watch) this.watch = (key, options) => store.watch?.(key, options) ?? noHints();
  }

  read(key: string, options?: StoreCallOptions): ReturnType<OpenedStore["read"]> {
    return this.#noted(() => this.#store.read(key, options));
  }

  write(key: string, value: Uint8Array, version: string | null, options?: StoreCallOptions): Promise<string | null> {
    return this.#noted(() => this.#store.write(key, value, version, options));
  }

  async *list(options?: StoreCallOptions): AsyncGenerator<string, void, void> {
    try {
      yield* this.#store.list(options);
      this.hasFailed = false;
    } catch (error) {
      this.hasFailed = true;
      throw error;
    }
  }

  async #noted<T>(call: () => Promise<T>): Promise<T> {
    try {
      const result = await call();
      this.hasFailed = false;
      return result;
    } catch (error) {
      this.hasFailed = true;
      throw error;
    }
  }
}

async function* noHints(): AsyncGenerator<void, void, void> {}

import type { FakeTime } from "@std/testing/time";
import { GcsStore, type GcsStoreOptions } from "../../stores/gcs.ts";
import { FakeGcs } from "../helpers/fake_gcs.ts";
import { faultFetch } from "../helpers/fault_fetch.ts";

/** The token that the stores of these tests sign in with. */
export const TOKEN = "ya29.a-secret-that-nobody-may-see";

/** What a record may be. */
export const RECORD: Uint8Array = new TextEncoder().encode('{"format":"a record"}');

/** A service in memory and a store on it. */
export function stage(options: Partial<GcsStoreOptions> = {}): { readonly service: FakeGcs; readonly store: GcsStore } {
  const service = new FakeGcs();
  return { service, store: storeOn(service, options) };
}

/** A further store on a service in memory. */
export function storeOn(service: FakeGcs, options: Partial<GcsStoreOptions> = {}): GcsStore {
  return new GcsStore({
    bucket: "bucket",
    prefix: "",
    token: () => TOKEN,
    apiEndpoint: "https://storage.example",
    fetch: faultFetch(service),
    ...options,
  });
}

/** What a call came to, and how long it took. */
export interface Settled<T> {
  readonly value?: T;
  readonly error?: Error;
  readonly afterMs: number;
}

/** Lets fake time pass, from timer to timer, until a promise has settled. */
export async function settled<T>(time: FakeTime, promise: Promise<T>): Promise<Settled<T>> {
  const beganMs = time.now;
  let result: Settled<T> | undefined;
  promise.then(
    (value) => result = { value, afterMs: time.now - beganMs },
    (error) => result = { error, afterMs: time.now - beganMs },
  );
  for (;;) {
    // a few turns for what is on its way
    for (let turn = 0; turn < 3; turn++) await time.runMicrotasks();
    if (result) return result;
    if (!time.next()) throw new Error("Nothing is left to happen");
  }
}

/** Makes chance certain, until it is disposed of. */
export function fixedRandom(value: number): Disposable {
  const random = Math.random;
  Math.random = () => value;
  return {
    [Symbol.dispose]: () => {
      Math.random = random;
    },
  };
}

/** Sets environment variables, or takes them away, until it is disposed of. */
export function environment(variables: Readonly<Record<string, string | undefined>>): Disposable {
  const before = Object.keys(variables).map((name) => [name, Deno.env.get(name)] as const);
  const set = (name: string, value: string | undefined): void =>
    value === undefined ? Deno.env.delete(name) : Deno.env.set(name, value);
  for (const [name, value] of Object.entries(variables)) set(name, value);
  return { [Symbol.dispose]: () => before.forEach(([name, value]) => set(name, value)) };
}

/** The error that a call rejects with. */
export async function errorOf(promise: Promise<unknown>): Promise<Error> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error("The call did not fail");
}

import { FakeTime } from "@std/testing/time";
import type { StatusStore } from "../../mod.ts";
import { storeChecks, type StoreChecksOptions } from "../../src/testing/mod.ts";

/** Few rounds, as a store that is broken shows it soon. */
const QUICKLY = { raceRounds: 3 };

/** Runs something in fake time, which passes as fast as it can, and returns what it fails with, if it fails. */
export async function inFakeTime(run: () => Promise<unknown>, stepMs = 10): Promise<unknown> {
  using time = new FakeTime();
  let isOver = false;
  const ended = run().then(() => undefined, (error: unknown) => error).finally(() => isOver = true);
  while (!isOver) await time.tickAsync(stepMs);
  return await ended;
}

/** Runs the check of a name, and returns what it fails with, if it fails. */
export function failureOf(
  name: string,
  open: () => StatusStore,
  options: Partial<StoreChecksOptions> = {},
): Promise<unknown> {
  const check = storeChecks({ open, ...QUICKLY, ...options }).find((check) => check.name === name);
  if (!check) throw new Error(`Cannot find the check as its name is unknown: current value is ${name}`);
  // these wait for what doesn't come
  const isSlow = /server|signal/.test(name);
  return isSlow ? inFakeTime(check.run) : check.run().then(() => undefined, (error: unknown) => error);
}

import { FakeTime } from "@std/testing/time";
import type { StatusStore } from "../../mod.ts";
import { storeChecks, type StoreChecksOptions } from "../../src/testing/mod.ts";

/** A broken store fails in the first rounds. */
const FEW_ROUNDS = { raceRounds: 3 };

/** Calls a function in fake time, which passes as fast as possible. Returns its error; `undefined` if it resolves. */
export async function inFakeTime(run: () => Promise<unknown>, stepMs = 10): Promise<unknown> {
  using time = new FakeTime();
  let isOver = false;
  const ended = run().then(() => undefined, (error: unknown) => error).finally(() => isOver = true);
  while (!isOver) await time.tickAsync(stepMs);
  return await ended;
}

/** Runs a check. Returns its error; `undefined` if it passes. */
export function failureOf(
  name: string,
  open: () => StatusStore,
  options: Partial<StoreChecksOptions> = {},
): Promise<unknown> {
  const check = storeChecks({ open, ...FEW_ROUNDS, ...options }).find((check) => check.name === name);
  if (!check) throw new Error(`Cannot find the check as its name is unknown: current value is ${name}`);
  // these checks wait for a time limit
  const isSlow = /server|signal|list\(\)|watch\(\)/.test(name);
  return isSlow ? inFakeTime(check.run) : check.run().then(() => undefined, (error: unknown) => error);
}

/**
 * Creates the table of a store before the first call.
 *
 * @module
 */
import type { StoreCallOptions } from "../../src/store/store.ts";
import { sharedAttempt } from "./shared_attempt.ts";
import { OPEN } from "./scheme.ts";
import { withinLimit } from "./time_limit.ts";

/**
 * Makes a function that creates a table once. Calls of the same moment share an attempt; one that failed is repeated by the next call.
 *
 * @param create Creates the table, maybe with several statements.
 * @param limitMs How long an attempt may take.
 * @returns The function, which returns `undefined` once the table is there.
 */
export function creatingOnce(
  create: (options: StoreCallOptions) => Promise<void>,
  limitMs: number,
): () => Promise<void> | undefined {
  let isCreated = false;
  const attempt = sharedAttempt(async () => {
    await withinLimit({ action: OPEN, limitMs }, (signal) => create({ signal }));
    isCreated = true;
  });
  return () => isCreated ? undefined : attempt();
}

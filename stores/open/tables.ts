/**
 * Creates the table of a store before the first call.
 *
 * @module
 */

/** A promise that also rejects when a signal aborts. */
export async function orAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  // it may reject when nobody waits any more
  promise.catch(() => {});
  if (!signal) return await promise;
  let abort = (): void => {};
  const aborted = new Promise<never>((_, reject) => abort = () => reject(signal.reason));
  signal.addEventListener("abort", abort);
  if (signal.aborted) abort();
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

/**
 * Makes a function that creates a table once. Calls of the same moment share an attempt; one that failed is repeated by the next call.
 *
 * @param create Creates the table, within the time limit of the store.
 * @returns The function, whose calls end when their signals abort.
 */
export function creatingOnce(create: () => Promise<void>): (signal: AbortSignal | undefined) => Promise<void> {
  let isCreated = false;
  let creating: Promise<void> | undefined;
  const attempt = async (): Promise<void> => {
    try {
      await create();
      isCreated = true;
    } finally {
      creating = undefined;
    }
  };
  return async (signal) => {
    if (!isCreated) await orAborted(creating ??= attempt(), signal);
  };
}

/** A signal that counts its listeners. */
export interface CountedSignal {
  readonly signal: AbortSignal;
  /** The number of listeners that were added and not removed. */
  readonly count: () => number;
}

/** Creates a signal that counts its listeners and never aborts. */
export function abortListeners(): CountedSignal {
  const { signal } = new AbortController();
  const listeners = new Set<unknown>();
  signal.addEventListener = (_type: string, listener: unknown): void => void listeners.add(listener);
  signal.removeEventListener = (_type: string, listener: unknown): void => void listeners.delete(listener);
  return { signal, count: () => listeners.size };
}

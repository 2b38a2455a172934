/**
 * Unhandled rejections in any runtime.
 *
 * @module
 */

interface NodeProcess {
  on?(event: "unhandledRejection", listener: (reason: unknown) => void): unknown;
  off?(event: "unhandledRejection", listener: (reason: unknown) => void): unknown;
}

/** Calls back for each unhandled rejection, which then does not end the process. Returns a function that ends this. */
export function onUnhandledRejection(callback: (reason: unknown) => void): () => void {
  const { process } = globalThis as { process?: NodeProcess };
  // Deno and browsers have the global event; Node and Bun have an event of the process instead
  if (!("onunhandledrejection" in globalThis) && process?.on && process.off) {
    process.on("unhandledRejection", callback);
    return () => void process.off!("unhandledRejection", callback);
  }
  const listener = (event: Event): void => {
    event.preventDefault();
    callback((event as Event & { reason?: unknown }).reason);
  };
  globalThis.addEventListener("unhandledrejection", listener);
  return () => globalThis.removeEventListener("unhandledrejection", listener);
}

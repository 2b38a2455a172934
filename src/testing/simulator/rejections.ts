/**
 * Unhandled rejections, whatever the runtime calls them.
 *
 * @module
 */

interface NodeProcess {
  on?(event: "unhandledRejection", listener: (reason: unknown) => void): unknown;
  off?(event: "unhandledRejection", listener: (reason: unknown) => void): unknown;
}

/** Listens to unhandled rejections, which do no harm meanwhile; answers with what ends it. */
export function catchRejections(caught: (reason: unknown) => void): () => void {
  const { process } = globalThis as { process?: NodeProcess };
  // Deno and browsers have the event; Node and Bun, where it would never come, have a process that emits another
  if (!("onunhandledrejection" in globalThis) && process?.on && process.off) {
    process.on("unhandledRejection", caught);
    return () => void process.off!("unhandledRejection", caught);
  }
  const listener = (event: Event): void => {
    event.preventDefault();
    caught((event as Event & { reason?: unknown }).reason);
  };
  globalThis.addEventListener("unhandledrejection", listener);
  return () => globalThis.removeEventListener("unhandledrejection", listener);
}

/**
 * Waits for the signal that ends a server. The other examples import it.
 */

/** Resolves at Ctrl-C (SIGINT) or at SIGTERM, the signal that container platforms send before they stop a server. */
export async function terminated(): Promise<void> {
  // Windows has no SIGTERM
  const signals: Deno.Signal[] = Deno.build.os === "windows" ? ["SIGINT"] : ["SIGINT", "SIGTERM"];
  const { promise, resolve } = Promise.withResolvers<void>();
  for (const signal of signals) Deno.addSignalListener(signal, resolve);
  await promise;
  for (const signal of signals) Deno.removeSignalListener(signal, resolve);
}

/**
 * Freezes and restarts the server of a soak.
 *
 * @module
 */
import type { Span } from "../../internal/replicas/history.ts";
import type { Phase } from "./plan.ts";

/** A server that can be frozen, and ended and started again with its data. */
export interface OutageServer {
  freeze(): void | Promise<void>;
  thaw(): void | Promise<void>;
  stop(): Promise<void>;
  start(): Promise<void>;
}

/** When a server was not available, and why. */
export interface ServerOutage extends Span {
  readonly kind: "hung" | "restart";
}

/**
 * Freezes a server in each phase `hung`, and ends it for the time of each phase `restart`.
 *
 * @param server The server.
 * @param phases The phases of the soak.
 * @param startMs When the soak starts.
 * @param signal Ends the outages early; the server then runs.
 * @returns When the server was not available.
 */
export async function haveOutages(
  server: OutageServer,
  phases: readonly Phase[],
  startMs: number,
  signal: AbortSignal,
): Promise<ServerOutage[]> {
  const outages: ServerOutage[] = [];
  for (const { kind, fromMs, toMs } of phases) {
    if (kind !== "hung" && kind !== "restart") continue;
    await sleepUntil(startMs + fromMs, signal);
    if (signal.aborted) break;
    const sinceMs = Date.now();
    await (kind === "hung" ? server.freeze() : server.stop());
    await sleepUntil(startMs + toMs, signal);
    await (kind === "hung" ? server.thaw() : server.start());
    outages.push({ kind, fromMs: sinceMs, toMs: Date.now() });
  }
  return outages;
}

/** Waits until a time or the end of the outages. */
async function sleepUntil(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, ms - Date.now());
    signal.addEventListener("abort", end);
  });
}

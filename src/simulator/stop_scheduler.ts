/**
 * Stops schedulers in simulated processes.
 *
 * @module
 */
import type { Environment } from "./environment.ts";
import type { ObservedStop } from "./observations.ts";
import type { StopMode } from "./replica_faults.ts";
import type { StartedScheduler } from "./start_scheduler.ts";

interface StopOptions {
  readonly abort?: boolean;
  readonly timeout?: number;
}

/** Stops a scheduler, in one call or in two stages. Resolves when all calls have. */
export async function stopScheduler(
  environment: Environment,
  scheduler: StartedScheduler,
  mode: StopMode,
): Promise<void> {
  const { process, settings } = scheduler.observed;
  const timeout = Math.max(1, Math.round(settings.timeoutMs / 3));
  const stop = (options: StopOptions): Promise<void> => stopOnce(environment, scheduler, mode, options);
  if (mode === "wait") return await stop({});
  if (mode === "abort") return await stop({ abort: true });
  if (mode === "timeout") return await stop({ timeout });
  if (mode === "abort with timeout") return await stop({ abort: true, timeout });
  await Promise.all([stop({}), process.sleep(timeout).then(() => stop({ abort: true, timeout }))]);
}

async function stopOnce(
  environment: Environment,
  scheduler: StartedScheduler,
  mode: StopMode,
  options: StopOptions,
): Promise<void> {
  const { trace, history } = environment;
  const { observed } = scheduler;
  const stop: ObservedStop = {
    scheduler: observed,
    mode,
    calledMs: environment.nowMs,
    timeoutMs: options.timeout,
    resolvedMs: undefined,
    result: undefined,
  };
  const resolved = scheduler.stop(options);
  // what it sent before the call has been noted by now
  observed.stopCalledMs ??= environment.nowMs;
  trace.add(observed.process, "stop", JSON.stringify(options));
  history.notify("stopCalled", stop);
  stop.result = await resolved;
  stop.resolvedMs = environment.nowMs;
  trace.add(observed.process, "stopped", JSON.stringify(stop.result));
  history.notify("stopResolved", stop);
}

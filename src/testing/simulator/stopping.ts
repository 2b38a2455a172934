/**
 * How schedulers are stopped in a world.
 *
 * @module
 */
import type { StopManner } from "./incident_plan.ts";
import type { SchedulerSeen, StopSeen } from "./seen.ts";
import type { AnyScheduler } from "./starting.ts";
import type { World } from "./world.ts";

interface Told {
  readonly abort?: boolean;
  readonly timeout?: number;
}

/** Stops a scheduler, once or in two stages, and answers when it has. */
export async function stopScheduler(
  world: World,
  seen: SchedulerSeen,
  scheduler: AnyScheduler,
  manner: StopManner,
): Promise<void> {
  const timeout = Math.max(1, Math.round(seen.lengths.timeoutMs / 3));
  const once = (told: Told): Promise<void> => stopOnce(world, seen, scheduler, manner, told);
  if (manner === "wait") return await once({});
  if (manner === "abort") return await once({ abort: true });
  if (manner === "timeout") return await once({ timeout });
  if (manner === "abort with timeout") return await once({ abort: true, timeout });
  await Promise.all([once({}), seen.process.sleep(timeout).then(() => once({ abort: true, timeout }))]);
}

async function stopOnce(
  world: World,
  seen: SchedulerSeen,
  scheduler: AnyScheduler,
  manner: StopManner,
  told: Told,
): Promise<void> {
  const { time, trace } = world;
  const stop: StopSeen = {
    scheduler: seen,
    manner,
    atMs: time.nowMs,
    timeoutMs: told.timeout,
    answeredMs: undefined,
    answer: undefined,
  };
  const answered = scheduler.stop(told);
  // what it has sent before it was called was sent by now
  seen.stoppingMs ??= time.nowMs;
  trace.note(seen.process, "stop", JSON.stringify(told));
  world.tell("stopping", stop);
  stop.answer = await answered;
  stop.answeredMs = time.nowMs;
  trace.note(seen.process, "stopped", JSON.stringify(stop.answer));
  world.tell("stopped", stop);
}

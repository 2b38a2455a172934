import { NeatPeriodicTaskGroup, NeatPeriodicTaskScheduler, type Run } from "@neat/periodic-task";
import { setTimeout as sleep } from "node:timers/promises";

const kept = globalThis as { myServerTasks?: Promise<NeatPeriodicTaskGroup | undefined> };

/** Stops the tasks of an earlier version of this module, and starts those of this one. */
export function restartTasks(): Promise<NeatPeriodicTaskGroup | undefined> {
  const earlier = kept.myServerTasks;
  const restarted = (async () => {
    const old = await earlier?.catch(() => undefined);
    await old?.stop({ abort: true });
    const tasks = createTasks();
    tasks.start();
    return tasks;
  })();
  return kept.myServerTasks = restarted;
}

/** Waits for the run in progress at SIGTERM or Ctrl-C, and ends the process. */
export function stopAtSignals(): void {
  const signals = ["SIGINT", "SIGTERM"] as const;
  const shutDown = async (): Promise<void> => {
    // a second signal ends the process at once
    for (const signal of signals) process.off(signal, shutDown);
    const tasks = await kept.myServerTasks?.catch(() => undefined);
    await tasks?.stop({ timeout: { seconds: 20 } });
    process.exit();
  };
  for (const signal of signals) process.once(signal, shutDown);
}

function createTasks(): NeatPeriodicTaskGroup {
  return new NeatPeriodicTaskGroup([
    new NeatPeriodicTaskScheduler({
      name: "clean-up",
      interval: { minutes: 10 },
      timeout: { minutes: 1 },
      task: cleanUp,
    }),
  ]);
}

async function cleanUp({ signal }: Run): Promise<void> {
  console.log("Cleaning up");
  await sleep(1_000, undefined, { signal });
  console.log("Cleaned up");
}

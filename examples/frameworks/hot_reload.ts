/**
 * How does a server keep one set of tasks when a development server loads its modules anew?
 *
 * Vite, Next.js and others evaluate a changed module again in the same process, and what it had started goes on. The tasks are
 * kept on `globalThis`, and the old ones stop before the new ones start.
 *
 *   deno run examples/frameworks/hot_reload.ts
 */
import { NeatPeriodicTaskGroup, NeatPeriodicTaskScheduler } from "@neat/periodic-task";

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

function createTasks(): NeatPeriodicTaskGroup {
  return new NeatPeriodicTaskGroup([
    new NeatPeriodicTaskScheduler({
      name: "clean-up",
      interval: { minutes: 10 },
      timeout: { minutes: 1 },
      task: () => console.log("Cleaning up"),
    }),
  ]);
}

if (import.meta.main) {
  const first = await restartTasks();
  const second = await restartTasks();
  for (const { state } of [...first ?? [], ...second ?? []]) console.log(state);
  await second?.stop();
}

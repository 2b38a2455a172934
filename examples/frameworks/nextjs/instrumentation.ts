/** Starts the tasks with the server. Next.js calls `register()` once in each server, and not while it builds. */
export async function register() {
  // imported here, as the edge runtime has neither signals nor timers that go on between requests
  if (process.env.NEXT_RUNTIME !== "nodejs") return;
  const { restartTasks, stopAtSignals } = await import("./tasks");
  await restartTasks();
  // the development server ends by itself
  if (process.env.NEXT_MANUAL_SIG_HANDLE) stopAtSignals();
}

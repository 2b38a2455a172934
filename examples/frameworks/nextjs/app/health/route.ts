import type { NeatPeriodicTaskGroup } from "@neat/periodic-task";
import { health, type HealthCheck } from "@neat/periodic-task/health";

// where tasks.ts keeps them, as a route may have another copy of that module
const kept = globalThis as { myServerTasks?: Promise<NeatPeriodicTaskGroup | undefined> };
let check: HealthCheck | undefined;

export async function GET(request: Request): Promise<Response> {
  const tasks = await kept.myServerTasks?.catch(() => undefined);
  if (!tasks) return new Response("The tasks have not started", { status: 503 });
  check ??= health(tasks);
  return await check(request);
}

import { health, type HealthCheck } from "@neat/periodic-task/health";
import { runningTasks } from "../../tasks";

let check: HealthCheck | undefined;

export async function GET(request: Request): Promise<Response> {
  const tasks = await runningTasks();
  if (!tasks) return new Response("The tasks have not started", { status: 503 });
  check ??= health(tasks);
  return await check(request);
}

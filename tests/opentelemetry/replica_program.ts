// One replica of a task: replica_program.ts FILE. It prints its log, and serves the page that Prometheus scrapes.
//
// The term of a run decides what happens: one of five fails, one of five exceeds its timeout, and the seventh waits to be killed.
// SIGTERM stops the scheduler. The page stays until SIGKILL.

import { NeatPeriodicTaskGroup, NeatPeriodicTaskScheduler, type Run } from "@neat/periodic-task";
import { instrument, instrumentStore } from "@neat/periodic-task/opentelemetry";
import { SqliteStore } from "@neat/periodic-task/stores/sqlite";
import { PrometheusExporter } from "@opentelemetry/exporter-prometheus";
import { MeterProvider } from "@opentelemetry/sdk-metrics";
import { createServer } from "node:http";
import { DatabaseSync } from "node:sqlite";

const [file = ""] = Deno.args;
const TIMEOUT_MS = 1_500;

const exporter = new PrometheusExporter({ preventServerStart: true });
const meterProvider = new MeterProvider({ readers: [exporter] });

const database = new DatabaseSync(file, { timeout: 2_000 });
const log = (message: string): void => console.log(message);

function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(signal.reason);
    });
  });
}

async function task({ term, signal }: Run): Promise<void> {
  if (term === 7) return await sleep(60_000, signal);
  if (term % 5 === 3) throw new Error("no luck");
  await sleep(term % 5 === 0 ? 60_000 : 50, signal);
}

const scheduler = new NeatPeriodicTaskScheduler({
  name: "shared",
  instance: String(Deno.pid),
  interval: 500,
  timeout: TIMEOUT_MS,
  retryDelay: 500,
  minCycle: 100,
  clockTolerance: 100,
  store: instrumentStore(new SqliteStore({ database }), { meterProvider }),
  log: { info: log, warn: log, error: log },
  task,
});
instrument(new NeatPeriodicTaskGroup([scheduler]), { meterProvider });

const server = createServer((request, response) => exporter.getMetricsRequestHandler(request, response));
server.listen(0, "127.0.0.1", () => {
  console.log(`PAGE http://127.0.0.1:${(server.address() as { port: number }).port}/metrics`);
  scheduler.start();
});
Deno.addSignalListener("SIGTERM", async () => {
  await scheduler.stop();
  console.log("STOPPED");
});

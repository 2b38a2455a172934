/** All metrics of tasks and stores. */
import { DataPointType, MeterProvider, type MetricData, MetricReader } from "@opentelemetry/sdk-metrics";
import { MemoryStore, NeatPeriodicTaskScheduler, type StatusStore } from "../../mod.ts";
import { instrument, type InstrumentOptions, instrumentStore } from "../../src/opentelemetry.ts";
import { SILENT } from "../helpers/log.ts";
import { Telemetry } from "./telemetry.ts";

/** A metric. */
export interface Instrument {
  readonly name: string;
  /** As docs/opentelemetry.md calls it. */
  readonly kind: string;
  readonly unit: string;
  readonly attributes: readonly string[];
}

class Reader extends MetricReader {
  protected override onForceFlush(): Promise<void> {
    return Promise.resolve();
  }

  protected override onShutdown(): Promise<void> {
    return Promise.resolve();
  }
}

function kindOf(metric: MetricData): string {
  if (metric.dataPointType === DataPointType.SUM) return metric.isMonotonic ? "counter" : "up-down";
  return metric.dataPointType === DataPointType.GAUGE ? "gauge" : "histogram";
}

/** Runs a task whose every metric has a value. */
async function runTask(options: InstrumentOptions): Promise<void> {
  const memory = new MemoryStore();
  const store: StatusStore = instrumentStore(memory, options);
  await using scheduler = new NeatPeriodicTaskScheduler({
    name: "backup",
    interval: { hours: 1 },
    timeout: { minutes: 1 },
    store,
    log: SILENT,
    task: () => {},
  });
  instrument(scheduler, options);
  await scheduler.trigger();
  await store.write("backup", new Uint8Array([1]), "no version");
  memory.read = () => Promise.reject(new Error("away"));
  await store.read("backup").catch(() => {});
}

/** Returns the page that Prometheus scrapes, with every metric. */
export async function pageOfAll(): Promise<string> {
  await using telemetry = new Telemetry();
  await runTask({ meterProvider: telemetry.meterProvider });
  return await telemetry.page();
}

/** Returns every metric. */
export async function instruments(): Promise<Instrument[]> {
  const reader = new Reader();
  const meterProvider = new MeterProvider({ readers: [reader] });
  await runTask({ meterProvider });
  const { resourceMetrics } = await reader.collect();
  await meterProvider.shutdown();
  return resourceMetrics.scopeMetrics.flatMap(({ metrics }) => metrics).map((metric: MetricData): Instrument => ({
    name: metric.descriptor.name,
    kind: kindOf(metric),
    unit: metric.descriptor.unit,
    attributes: [...new Set(metric.dataPoints.flatMap(({ attributes }) => Object.keys(attributes)))],
  }));
}

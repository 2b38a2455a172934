/** Tests of the entry point for OpenTelemetry with its SDK, for `node:test`. */
import { MemoryStore, NeatPeriodicTaskScheduler } from "@neat/periodic-task";
import { instrument, instrumentStore } from "@neat/periodic-task/opentelemetry";
import { context } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { PrometheusExporter, PrometheusSerializer } from "@opentelemetry/exporter-prometheus";
import { MeterProvider } from "@opentelemetry/sdk-metrics";
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from "@opentelemetry/sdk-trace";
import assert from "node:assert/strict";
import { test } from "node:test";

const spans = new InMemorySpanExporter();
const reader = new PrometheusExporter({ preventServerStart: true });
const meterProvider = new MeterProvider({ readers: [reader] });

context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
const spanProcessors = [new SimpleSpanProcessor({ exporter: spans })];
const providers = { meterProvider, tracerProvider: new TracerProvider({ spanProcessors }) };

test("runs have spans, spans of the task are their children, and the page of Prometheus counts both", async () => {
  const tracer = providers.tracerProvider.getTracer("test");
  let runs = 0;
  const scheduler = new NeatPeriodicTaskScheduler({
    name: "backup",
    interval: { hours: 1 },
    timeout: { minutes: 1 },
    store: instrumentStore(new MemoryStore(), providers),
    log: { info() {}, warn() {}, error() {} },
    task: async () => {
      await new Promise((resolve) => setTimeout(resolve, 5));
      tracer.startSpan("query").end();
      if (runs++ > 0) throw new RangeError("no luck");
    },
  });
  const instrumentation = instrument(scheduler, providers);
  await scheduler.trigger();
  await scheduler.trigger();
  await scheduler.stop();
  const [query, run, , failed] = spans.getFinishedSpans();
  assert.deepEqual([query?.name, run?.name], ["query", "run backup"]);
  assert.equal(query?.parentSpanContext?.spanId, run?.spanContext().spanId);
  assert.equal(failed?.attributes["error.type"], "RangeError");

  const page = new PrometheusSerializer().serialize((await reader.collect()).resourceMetrics);
  const line = (name: string, label: string): string =>
    page.split("\n").find((line) => line.startsWith(`neat_periodic_task_${name}{`) && line.includes(label)) ?? "";
  assert.match(line("runs_total", 'outcome="finished"'), / 1$/);
  assert.match(line("runs_total", 'outcome="failed"'), / 1$/);
  assert.match(line("consecutive_failures", 'name="backup"'), / 1$/);
  assert.match(line("store_call_duration_count", 'operation="write"'), / [1-9]\d*$/);
  instrumentation[Symbol.dispose]();
  instrumentation[Symbol.dispose]();
});

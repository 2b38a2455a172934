/** OpenTelemetry's own SDK, with everything kept in memory. */
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { context } from "@opentelemetry/api";
import { PrometheusExporter, PrometheusSerializer } from "@opentelemetry/exporter-prometheus";
import { MeterProvider } from "@opentelemetry/sdk-metrics";
import { InMemorySpanExporter, type ReadableSpan, SimpleSpanProcessor, TracerProvider } from "@opentelemetry/sdk-trace";
import { type Sample, samplesOf } from "./prometheus_page.ts";

/** Providers, and what they have collected. */
export class Telemetry implements AsyncDisposable {
  readonly tracerProvider: TracerProvider;
  readonly meterProvider: MeterProvider;
  readonly #spans = new InMemorySpanExporter();
  readonly #reader = new PrometheusExporter({ preventServerStart: true });

  constructor() {
    context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
    this.tracerProvider = new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter: this.#spans })] });
    this.meterProvider = new MeterProvider({ readers: [this.#reader] });
  }

  /** The spans that have ended. */
  get endedSpans(): ReadableSpan[] {
    return this.#spans.getFinishedSpans();
  }

  /** The page that Prometheus scrapes. */
  async page(): Promise<string> {
    const { resourceMetrics, errors } = await this.#reader.collect();
    if (errors.length > 0) throw new AggregateError(errors);
    return new PrometheusSerializer().serialize(resourceMetrics);
  }

  /** The samples of that page. */
  async samples(): Promise<Sample[]> {
    return samplesOf(await this.page());
  }

  /** The values of a metric by the values of a label; all of them if no value is 0. */
  async values(metric: string, label = "neat_periodic_task_name"): Promise<Record<string, number>> {
    const found = (await this.samples()).filter(({ name }) => name === metric);
    return Object.fromEntries(found.map(({ labels, value }) => [labels[label] ?? "", value]));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    context.disable();
    await this.tracerProvider.shutdown();
    await this.meterProvider.shutdown();
  }
}

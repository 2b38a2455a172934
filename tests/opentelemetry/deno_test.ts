/** Deno's own telemetry (`OTEL_DENO`), received as OTLP over HTTP on 127.0.0.1. */
import { assert, assertEquals } from "@std/assert";
import { RunningExample } from "../examples/example.ts";

interface Attribute {
  readonly key: string;
  readonly value: { readonly stringValue?: string; readonly intValue?: string; readonly doubleValue?: number };
}

interface SentSpan {
  readonly name: string;
  readonly spanId: string;
  readonly parentSpanId: string;
  readonly kind: number;
  readonly status: { readonly code: number; readonly message: string };
  readonly attributes: readonly Attribute[];
  readonly events: readonly { readonly name: string }[];
}

interface DataPoint {
  readonly attributes: readonly Attribute[];
  readonly asInt?: string;
  readonly asDouble?: number;
  readonly count?: string;
}

interface SentMetric {
  readonly name: string;
  readonly unit: string;
  readonly sum?: { readonly dataPoints: readonly DataPoint[] };
  readonly gauge?: { readonly dataPoints: readonly DataPoint[] };
  readonly histogram?: { readonly dataPoints: readonly DataPoint[] };
}

/** What OTLP sends, as far as the tests read it. */
interface Sent {
  readonly resourceSpans?: { readonly scopeSpans: { readonly spans: SentSpan[] }[] }[];
  readonly resourceMetrics?: { readonly scopeMetrics: { readonly metrics: SentMetric[] }[] }[];
}

/** A server that receives what an exporter sends, and answers every other request. */
class Receiver implements AsyncDisposable {
  readonly #sent: Sent[] = [];
  readonly #server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
    if (new URL(request.url).pathname.startsWith("/v1/")) this.#sent.push(await request.json());
    return new Response("{}", { headers: { "content-type": "application/json" } });
  });

  get address(): string {
    return `http://127.0.0.1:${this.#server.addr.port}`;
  }

  get spans(): SentSpan[] {
    return this.#sent.flatMap(({ resourceSpans = [] }) =>
      resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans))
    );
  }

  /** The data points of the newest message about a metric. */
  points(name: string): readonly DataPoint[] {
    const found = this.#sent.flatMap(({ resourceMetrics = [] }) =>
      resourceMetrics.flatMap(({ scopeMetrics }) => scopeMetrics.flatMap(({ metrics }) => metrics))
    ).findLast((metric) => metric.name === name);
    return (found?.sum ?? found?.gauge ?? found?.histogram)?.dataPoints ?? [];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }
}

function valuesOf({ attributes }: { readonly attributes: readonly Attribute[] }): Record<string, unknown> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));
}

/** Runs the program until it ends by itself. */
async function runProgram(receiver: Receiver): Promise<void> {
  const program = import.meta.resolve("./deno_program.ts");
  await using running = RunningExample.startFile(program, ["run", "-A"], [`${receiver.address}/data`], {
    OTEL_DENO: "true",
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.address,
    OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
  });
  const { code, stderr } = await running.ended();
  assertEquals(code, 0, stderr);
}

Deno.test("with OTEL_DENO, runs have spans, a fetch of the task is their child and its metrics arrive", async () => {
  await using receiver = new Receiver();
  await runProgram(receiver);
  const spanOf = (name: string): SentSpan => {
    const span = receiver.spans.find((span) => span.name === name);
    assert(span, name);
    return span;
  };
  const run = spanOf("run fetching");
  assertEquals([run.parentSpanId, valuesOf(run)["neat.periodic_task.outcome"]], ["", "finished"]);
  assertEquals(spanOf("GET").parentSpanId, run.spanId);
  const failed = spanOf("run failing");
  assertEquals([failed.status, failed.events.map(({ name }) => name)], [{ code: 2, message: "no luck" }, [
    "exception",
  ]]);
  assertEquals(valuesOf(failed)["error.type"], "RangeError");
  assertEquals(valuesOf(spanOf("write failing"))["neat.periodic_task.store.result"], "ok");

  const runs = receiver.points("neat.periodic_task.runs").filter(({ asInt, asDouble }) =>
    Number(asInt ?? asDouble) > 0
  );
  const outcomes = runs.map(valuesOf).map((values) =>
    ["name", "outcome"].map((key) => values[`neat.periodic_task.${key}`])
  );
  assertEquals(outcomes.sort(), [["failing", "failed"], ["fetching", "finished"]]);
  const durations = receiver.points("neat.periodic_task.run.duration");
  assertEquals(durations.map(({ count }) => Number(count)), [1, 1]);
});

/**
 * How does a server show its tasks to Prometheus, and their runs as traces?
 *
 * Prints the span of each run, and serves http://127.0.0.1:9464/metrics until Ctrl-C or SIGTERM. The SDK is that of Node, and runs on
 * Deno too. Deno needs none: without the lines about the SDK, `OTEL_DENO=true` sends the same spans and metrics to a collector.
 *
 *   deno run -A examples/opentelemetry.ts [--port 9464]
 */
import { NeatPeriodicTaskGroup, NeatPeriodicTaskScheduler } from "@neat/periodic-task";
import { instrument } from "@neat/periodic-task/opentelemetry";
import { PrometheusExporter } from "@opentelemetry/exporter-prometheus";
import { NodeSDK } from "@opentelemetry/sdk-node";
import { ConsoleSpanExporter } from "@opentelemetry/sdk-trace";
import { parseArgs } from "node:util";
import { terminated } from "./terminated.ts";

const { values } = parseArgs({ options: { port: { type: "string", default: "9464" } } });

// before instrument(), which takes the providers that are there
const sdk = new NodeSDK({
  serviceName: "my-server",
  traceExporter: new ConsoleSpanExporter(),
  metricReaders: [new PrometheusExporter({ host: "127.0.0.1", port: Number(values.port) })],
});
sdk.start();

const tasks = new NeatPeriodicTaskGroup([
  new NeatPeriodicTaskScheduler({
    name: "backup",
    interval: { seconds: 30 },
    timeout: { seconds: 5 },
    minCycle: { seconds: 5 },
    task: () => console.log("Backing up"),
  }),
]);
instrument(tasks);
tasks.start();
await terminated();
await tasks.stop();
await sdk.shutdown();

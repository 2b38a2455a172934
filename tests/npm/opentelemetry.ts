import config from "../../deno.json" with { type: "json" };

/** The newest version of @opentelemetry/api that the package accepts, as npm takes it. */
export const OPENTELEMETRY_API: string = config.imports["@opentelemetry/api"].replace("npm:", "");

/** The versions of OpenTelemetry's API and SDK that are tested on Node. */
export const OPENTELEMETRY: Readonly<Record<"oldest" | "newest", readonly string[]>> = {
  /** The last SDK for Node 20, and the oldest API that the package accepts. */
  oldest: [
    OPENTELEMETRY_API.replace("^", ""),
    "@opentelemetry/context-async-hooks@2.12.1",
    "@opentelemetry/exporter-prometheus@0.223.0",
    "@opentelemetry/sdk-metrics@2.12.1",
    "@opentelemetry/sdk-trace@2.12.1",
  ],
  newest: [
    OPENTELEMETRY_API,
    ...([
      "@opentelemetry/context-async-hooks",
      "@opentelemetry/exporter-prometheus",
      "@opentelemetry/sdk-metrics",
      "@opentelemetry/sdk-trace",
    ] as const).map((name) => config.imports[name].replace("npm:", "")),
  ],
};

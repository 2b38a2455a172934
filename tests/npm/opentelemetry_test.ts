import { Consumer } from "./consumer.ts";
import { packageTest } from "./environment.ts";
import { OPENTELEMETRY } from "./opentelemetry.ts";
import { assertSuitePasses, bundleSuite, forEachProgram } from "./programs.ts";

for (const [age, packages] of Object.entries(OPENTELEMETRY)) {
  packageTest(`runs have spans and metrics on each runtime with the ${age} SDK of OpenTelemetry`, async (t) => {
    await using consumer = await Consumer.create(packages);
    await forEachProgram(
      t,
      (loading) => bundleSuite(consumer, "opentelemetry_suite", loading),
      (program) => assertSuitePasses(consumer, program, 1),
    );
  });
}

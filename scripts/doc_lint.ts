/**
 * `deno doc --lint` without findings about types of other packages.
 *
 * @module
 */
import { ROOT } from "../internal/processes/deno_command.ts";
import { ENTRY_POINTS } from "./module_graph.ts";

/** Public types that refer to types of libraries, which `deno doc` takes for private ones of this package. */
const ALLOWED: readonly string[] = [
  `public type 'dashboard' references private type 'Hono'`,
  `public type 'InstrumentOptions["tracerProvider"]' references private type 'TracerProvider'`,
  `public type 'InstrumentOptions["meterProvider"]' references private type 'MeterProvider'`,
];

/** Checks that every exported symbol is documented, and that the types that it refers to are exported. */
export async function lintDocumentation(imports: readonly string[]): Promise<void> {
  const args = ["doc", "--lint", ...imports, ...ENTRY_POINTS];
  const command = new Deno.Command(Deno.execPath(), { args, cwd: ROOT, env: { NO_COLOR: "1" }, stdin: "null" });
  const { success, stdout, stderr } = await command.output();
  const output = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes)).join("\n");
  const findings = output.split("\n").filter((line) => line.startsWith("error["));
  const forbidden = findings.filter((line) => !ALLOWED.some((allowed) => line.endsWith(allowed)));
  if (forbidden.length === 0 && (success || findings.length > 0)) return;
  console.log(output);
  const state = "deno doc has findings";
  throw new Error(`Cannot accept the documentation as ${state}: current value is\n  ${forbidden.join("\n  ")}`);
}

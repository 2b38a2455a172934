/**
 * Tests on a server of Consul.
 *
 * @module
 */
import { type Consul, type ConsulOptions, startConsul } from "../../../internal/servers/consul.ts";

const isThorough = Deno.env.get("NEAT_TEST_STORES") === "1";
const binary = Deno.env.get("NEAT_CONSUL");
const missing = !isThorough ? "`deno task test:stores` starts it" : binary ? undefined : "Consul can't be built here";

/** Defines a test with a server of its own, which runs with `deno task test:stores` alone. */
export function serverTest(
  name: string,
  fn: (t: Deno.TestContext, consul: Consul) => Promise<void>,
  { missing: reason = missing, ...options }: ConsulOptions & { readonly missing?: string | undefined } = {},
): void {
  Deno.test({
    name: reason === undefined ? name : `${name} (skipped: ${reason})`,
    ignore: reason !== undefined,
    fn: async (t) => {
      await using consul = await startConsul(binary ?? "", options);
      await fn(t, consul);
    },
  });
}

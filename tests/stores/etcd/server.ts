/**
 * Tests on a member of etcd.
 *
 * @module
 */
import { type Etcd, type EtcdOptions, findEtcd, startEtcd } from "../../../internal/servers/etcd.ts";

const isThorough = Deno.env.get("NEAT_TEST_STORES") === "1";
/** Why there is no etcd; `undefined` if there is one. */
export const missing: string | undefined = !isThorough
  ? "`deno task test:stores` starts it"
  : await findEtcd()
  ? undefined
  : "there is no etcd on the PATH (Debian: apt-get install etcd-server)";

/** Defines a test with a member of its own, which runs with `deno task test:stores` alone. */
export function serverTest(
  name: string,
  fn: (t: Deno.TestContext, etcd: Etcd) => Promise<void>,
  { missing: reason = missing, ...options }: EtcdOptions & { readonly missing?: string | undefined } = {},
): void {
  Deno.test({
    name: reason === undefined ? name : `${name} (skipped: ${reason})`,
    ignore: reason !== undefined,
    fn: async (t) => {
      const etcd = await startEtcd(options);
      if ("reason" in etcd) throw new Error(etcd.reason);
      await using _ = etcd;
      await fn(t, etcd);
    },
  });
}

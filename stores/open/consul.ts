/**
 * `consul:` and `consuls:`.
 *
 * @module
 */
import { prefixOf } from "./prefix.ts";
import { defined, type Scheme } from "./scheme.ts";

const PORT = 8500;
const TLS_PORT = 8501;

/** An agent of Consul. */
export const CONSUL: Scheme = {
  names: ["consul", "consuls"],
  example: "consul://HOST:PORT/PREFIX?token=TOKEN",
  parameters: ["datacenter", "prefix", "timeout", "token", "watch"],
  parts: { host: true, port: true },
  async open(address) {
    const { ConsulStore } = await import("../consul.ts");
    const tls = address.scheme === "consuls";
    const options = defined({
      token: address.text("token"),
      datacenter: address.text("datacenter"),
      prefix: prefixOf(address),
      watch: address.flag("watch"),
      requestTimeout: address.timeoutMs,
    });
    return { store: new ConsulStore({ endpoint: address.httpUrl({ tls, port: tls ? TLS_PORT : PORT }), ...options }) };
  },
};

/**
 * `etcd:` and `etcds:`.
 *
 * @module
 */
import { prefixOf } from "./prefix.ts";
import { defined, OPEN, type Scheme } from "./scheme.ts";

const PORT = 2379;

/** A cluster of etcd, by one address. */
export const ETCD: Scheme = {
  names: ["etcd", "etcds"],
  example: "etcd://USER:PASSWORD@HOST:PORT/PREFIX",
  parameters: ["prefix", "serverTime", "timeout", "watch"],
  parts: { host: true, user: true, port: true },
  async open(address) {
    const { EtcdStore } = await import("../etcd.ts");
    const hasUser = address.user !== undefined;
    if (hasUser !== (address.password !== undefined)) {
      const state = "its URL must have both a user name and a password, or none of them";
      throw new RangeError(`Cannot ${OPEN} as ${state}: current value has ${hasUser ? "no password" : "no user name"}`);
    }
    const options = defined({
      user: address.user,
      password: address.password,
      prefix: prefixOf(address),
      serverTime: address.flag("serverTime"),
      watch: address.flag("watch"),
      requestTimeout: address.timeoutMs,
    });
    return {
      store: new EtcdStore({ endpoint: address.httpUrl({ tls: address.scheme === "etcds", port: PORT }), ...options }),
    };
  },
};

/**
 * A cluster of three members of etcd on loopback.
 *
 * @module
 */
import { type Etcd, startEtcd } from "./etcd.ts";
import { freePort, type Missing } from "./server_process.ts";

/** Running members. Disposing of it ends them and removes their data. */
export interface EtcdCluster extends AsyncDisposable {
  readonly members: readonly [Etcd, Etcd, Etcd];
}

/** Starts a cluster if the machine has etcd. */
export async function startEtcdCluster(): Promise<EtcdCluster | Missing> {
  const peers = [0, 1, 2].map((index) => ({ name: `member${index}`, url: `http://127.0.0.1:${freePort()}` }));
  const cluster = peers.map(({ name, url }) => `${name}=${url}`).join(",");
  // each waits for the others
  const started = await Promise.all(peers.map(({ name, url }) =>
    startEtcd({
      flags: {
        name,
        "listen-peer-urls": url,
        "initial-advertise-peer-urls": url,
        "initial-cluster": cluster,
      },
    })
  ));
  const [first, second, third] = started;
  if (!first || !second || !third || "reason" in first || "reason" in second || "reason" in third) {
    return { reason: "there is no etcd on the PATH (Debian: apt-get install etcd-server)" };
  }
  const members = [first, second, third] as const;
  return {
    members,
    [Symbol.asyncDispose]: async () => {
      await Promise.all(members.map((member) => member[Symbol.asyncDispose]()));
    },
  };
}

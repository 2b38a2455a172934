import { findRedis, type Redis, startRedis } from "./redis.ts";
import { freePort, type Missing } from "./server_process.ts";

/** A Redis Cluster of three masters without replicas. Disposing of it ends its servers. */
export interface RedisCluster extends AsyncDisposable {
  readonly nodes: readonly Redis[];
}

interface Node {
  readonly server: Redis;
  /** Where the other nodes connect. */
  readonly busPort: number;
}

const MASTERS = 3;
const SLOTS = 16_384;
const START_TIMEOUT_MS = 20_000;
const POLL_MS = 50;

/** Starts a cluster if the machine has Redis 7 or later. */
export async function startRedisCluster(): Promise<RedisCluster | Missing> {
  if (await isTooOld()) return { reason: "the ports of its cluster can't be chosen before Redis 7" };
  await using starting = new AsyncDisposableStack();
  const nodes: Node[] = [];
  for (let index = 0; index < MASTERS; index++) {
    const busPort = freePort();
    const settings = { "cluster-enabled": "yes", "cluster-port": `${busPort}`, "cluster-node-timeout": "2000" };
    const server = await startRedis({ settings });
    if ("reason" in server) return server;
    nodes.push({ server: starting.use(server), busPort });
  }
  await join(nodes);
  await Promise.all(nodes.map(({ server }) => untilServing(server)));
  const running = starting.move();
  return { nodes: nodes.map(({ server }) => server), [Symbol.asyncDispose]: () => running.disposeAsync() };
}

async function isTooOld(): Promise<boolean> {
  const program = await findRedis();
  if (!program) return false;
  const { stdout } = await new Deno.Command(program, { args: ["--version"] }).output();
  return Number(/v=(\d+)/.exec(new TextDecoder().decode(stdout))?.[1]) < 7;
}

async function join(nodes: readonly Node[]): Promise<void> {
  for (const [index, { server, busPort }] of nodes.entries()) {
    const from = Math.floor(index * SLOTS / MASTERS);
    const to = Math.floor((index + 1) * SLOTS / MASTERS) - 1;
    await server.command("CLUSTER", "ADDSLOTSRANGE", `${from}`, `${to}`);
    // otherwise the nodes have to agree on them first
    await server.command("CLUSTER", "SET-CONFIG-EPOCH", `${index + 1}`);
    for (const other of nodes.slice(0, index)) {
      await other.server.command("CLUSTER", "MEET", "127.0.0.1", `${server.port}`, `${busPort}`);
    }
  }
}

async function untilServing(server: Redis): Promise<void> {
  const deadlineMs = performance.now() + START_TIMEOUT_MS;
  for (;;) {
    const info = await server.command("CLUSTER", "INFO");
    if (info.includes("cluster_state:ok") && info.includes(`cluster_known_nodes:${MASTERS}`)) return;
    if (performance.now() > deadlineMs) {
      throw new Error(`Cannot start the Redis cluster as it does not serve: current value is ${info}`);
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

import { findRedis } from "./redis.ts";
import { redisCommand } from "./redis_command.ts";
import { freePort, ServerProcess } from "./server_process.ts";

/** A Sentinel that promotes a replica soon after its master has failed. Disposing of it ends the Sentinel. */
export interface RedisSentinel extends AsyncDisposable {
  readonly port: number;
  /** The number of replicas that it knows. */
  replicas(): Promise<number>;
}

/** The name by which clients ask for the master. */
export const MASTER_NAME = "tasks";

/** Starts a Sentinel for a master. */
export async function startRedisSentinel(masterPort: number): Promise<RedisSentinel> {
  const port = freePort();
  const folder = await Deno.makeTempDir({ prefix: "periodic_task_sentinel_" });
  const settings = [
    `port ${port}`,
    "bind 127.0.0.1",
    `dir ${folder}`,
    `sentinel monitor ${MASTER_NAME} 127.0.0.1 ${masterPort} 1`,
    `sentinel down-after-milliseconds ${MASTER_NAME} 500`,
    `sentinel failover-timeout ${MASTER_NAME} 2000`,
  ];
  // Sentinel keeps its state in this file
  await Deno.writeTextFile(`${folder}/sentinel.conf`, settings.join("\n") + "\n");
  const server = await ServerProcess.start({
    name: "Sentinel",
    command: await findRedis() ?? "redis-server",
    args: [`${folder}/sentinel.conf`, "--sentinel"],
    port,
    stopSignal: "SIGTERM",
    probe: () => redisCommand(port, "PING"),
  });
  return {
    port,
    replicas: async () => Number(/slaves=(\d+)/.exec(await redisCommand(port, "INFO", "sentinel"))?.[1]),
    [Symbol.asyncDispose]: async () => {
      await server[Symbol.asyncDispose]();
      await Deno.remove(folder, { recursive: true });
    },
  };
}

/**
 * The clients that the store knows.
 *
 * @module
 */
import { hasMethods } from "../../src/option_checks.ts";
import { type BunRedisClient, bunRedisDriver } from "./bun_redis.ts";
import type { RedisDriver } from "./driver.ts";
import { type IoredisClient, type IoredisCluster, ioredisDriver } from "./ioredis.ts";
import {
  type NodeRedisClient,
  nodeRedisClientDriver,
  type NodeRedisCluster,
  nodeRedisClusterDriver,
} from "./node_redis.ts";

/** An open client of one of the supported packages. */
export type RedisClient = IoredisClient | IoredisCluster | NodeRedisClient | NodeRedisCluster | BunRedisClient;

/** Returns the driver of a client, or `undefined` if the value is none that is known. */
export function driverOf(client: RedisClient): RedisDriver | undefined {
  // ioredis has sendCommand(), too, with other parameters
  if (hasMethods(client, ["call"])) return ioredisDriver(client as IoredisClient | IoredisCluster);
  if (hasMethods(client, ["sendCommand", "nodeClient"])) return nodeRedisClusterDriver(client as NodeRedisCluster);
  // its sendCommand() has other parameters again
  if (hasMethods(client, ["sendCommand", "getSentinelNode"])) return undefined;
  if (hasMethods(client, ["sendCommand"])) return nodeRedisClientDriver(client as NodeRedisClient);
  if (hasMethods(client, ["send"])) return bunRedisDriver(client as BunRedisClient);
  return undefined;
}

import { errorEvent, load, type ReplicaRequest, type StartReplica, taskNames } from "./protocol.ts";

/** The parts of the packages that are used. */
interface NodeCron {
  schedule(expression: string, run: (context: { readonly date: Date }) => Promise<void>, options: object): unknown;
}
interface IoRedis {
  readonly Redis: new (url: string) => {
    set(key: string, value: string, ...options: readonly (string | number)[]): Promise<"OK" | null>;
    ping(): Promise<unknown>;
    on(event: "error", listener: (error: unknown) => void): unknown;
  };
}

const HOUR_MS = 3_600_000;

/** Its distributed mode: the first replica whose SET succeeds runs. */
export const startNodeCron: StartReplica = async (request: ReplicaRequest, runTask, emit) => {
  const { storeUrl, intervalMs } = request;
  const { default: cron } = await load<{ readonly default: NodeCron }>("node-cron");
  const { Redis } = await load<IoRedis>("ioredis");
  const redis = new Redis(storeUrl);
  redis.on("error", (error) => emit(errorEvent(error)));
  await redis.ping();
  const runCoordinator = {
    shouldRun: async (key: string, ttlMs: number): Promise<boolean> =>
      await redis.set(key, "claimed", "PX", ttlMs, "NX") === "OK",
  };
  const quiet = { info() {}, warn() {}, error: (error: unknown) => emit(errorEvent(error)), debug() {} };
  for (const name of taskNames(request)) {
    const run = ({ date }: { date: Date }): Promise<void> => runTask(name, date.getTime());
    const expression = intervalMs === HOUR_MS ? "0 0 * * * *" : `*/${intervalMs / 1_000} * * * * *`;
    cron.schedule(expression, run, { name, noOverlap: true, distributed: true, runCoordinator, logger: quiet });
  }
};

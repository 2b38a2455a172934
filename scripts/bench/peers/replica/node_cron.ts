import { errorNote, load, type Order, type Starter, taskNames } from "./order.ts";

/** As much of the packages as is needed. */
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

/** Its distributed mode: of all replicas the first one whose SET succeeds runs. */
export const startNodeCron: Starter = async (order: Order, body, tell) => {
  const { at, intervalMs } = order;
  const { default: cron } = await load<{ readonly default: NodeCron }>("node-cron");
  const { Redis } = await load<IoRedis>("ioredis");
  const redis = new Redis(at);
  redis.on("error", (error) => tell(errorNote(error)));
  await redis.ping();
  const runCoordinator = {
    shouldRun: async (key: string, ttlMs: number): Promise<boolean> =>
      await redis.set(key, "claimed", "PX", ttlMs, "NX") === "OK",
  };
  const quiet = { info() {}, warn() {}, error: (error: unknown) => tell(errorNote(error)), debug() {} };
  for (const name of taskNames(order)) {
    const run = ({ date }: { date: Date }): Promise<void> => body(name, date.getTime());
    const expression = intervalMs === HOUR_MS ? "0 0 * * * *" : `*/${intervalMs / 1_000} * * * * *`;
    cron.schedule(expression, run, { name, noOverlap: true, distributed: true, runCoordinator, logger: quiet });
  }
};

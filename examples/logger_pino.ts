/**
 * How does a task log through pino?
 *
 * pino takes an error before the message and drops it after it. The adapter swaps the two.
 *
 *   deno run --allow-env --allow-read --allow-sys examples/logger_pino.ts
 */
import { type Logger, NeatPeriodicTaskScheduler } from "@neat/periodic-task";
import { pino } from "pino";

const logger = pino();
const log: Logger = {
  info: (message, err) => logger.info({ err }, message),
  warn: (message, err) => logger.warn({ err }, message),
  error: (message, err) => logger.error({ err }, message),
};

let isOpen = false;
await using scheduler = new NeatPeriodicTaskScheduler({
  name: "fetch-prices",
  interval: { minutes: 10 },
  timeout: { seconds: 30 },
  log,
  task: () => {
    if (!isOpen) throw new Error("the shop is closed");
  },
});
// a server calls start(); two runs are enough here
await scheduler.trigger();
isOpen = true;
await scheduler.trigger();

/**
 * How does a task log through winston?
 *
 * winston appends the text of a second argument to the message, which alerts then no longer match. The adapter passes the error's
 * stack as a property of its own.
 *
 *   deno run --allow-env --allow-read --allow-sys examples/logger_winston.ts
 */
import { type Logger, NeatPeriodicTaskScheduler } from "@neat/periodic-task";
import winston from "winston";

const logger = winston.createLogger({ transports: [new winston.transports.Console()] });
const stackOf = (error: unknown): unknown => error instanceof Error ? error.stack : error;
const log: Logger = {
  info: (message, error) => logger.info({ message, stack: stackOf(error) }),
  warn: (message, error) => logger.warn({ message, stack: stackOf(error) }),
  error: (message, error) => logger.error({ message, stack: stackOf(error) }),
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

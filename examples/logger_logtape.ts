/**
 * How does a task log through LogTape?
 *
 * LogTape replaces braces in messages, and takes an error as a property. The adapter doubles the braces, so that a task's name
 * may contain some.
 *
 *   deno run examples/logger_logtape.ts
 */
import { configure, getConsoleSink, getLogger, jsonLinesFormatter } from "@logtape/logtape";
import { type Logger, NeatPeriodicTaskScheduler } from "@neat/periodic-task";

await configure({
  sinks: { console: getConsoleSink({ formatter: jsonLinesFormatter }) },
  loggers: [
    { category: ["my-server"], lowestLevel: "info", sinks: ["console"] },
    { category: ["logtape", "meta"], sinks: [] },
  ],
});

const logger = getLogger(["my-server"]);
const escaped = (message: string): string => message.replaceAll("{", "{{").replaceAll("}", "}}");
const log: Logger = {
  info: (message, error) => logger.info(escaped(message), { error }),
  warn: (message, error) => logger.warn(escaped(message), { error }),
  error: (message, error) => logger.error(escaped(message), { error }),
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

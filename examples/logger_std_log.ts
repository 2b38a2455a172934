/**
 * How does a task log through @std/log?
 *
 * A logger of @std/log fits as it is. The default formatter drops the error of a failure; the one below prints it.
 *
 *   deno run examples/logger_std_log.ts
 */
import { NeatPeriodicTaskScheduler } from "@neat/periodic-task";
import { ConsoleHandler, getLogger, type LogRecord, setup } from "@std/log";

setup({
  handlers: { console: new ConsoleHandler("INFO", { formatter: format }) },
  loggers: { "my-server": { level: "INFO", handlers: ["console"] } },
});

/** Prints the error, which is in the record's `args`, below the message. */
function format({ levelName, loggerName, msg, args }: LogRecord): string {
  const details = args.map((arg) => `\n${arg instanceof Error ? arg.stack : arg}`);
  return `${levelName} ${loggerName}: ${msg}${details.join("")}`;
}

let isOpen = false;
await using scheduler = new NeatPeriodicTaskScheduler({
  name: "fetch-prices",
  interval: { minutes: 10 },
  timeout: { seconds: 30 },
  log: getLogger("my-server"),
  task: () => {
    if (!isOpen) throw new Error("the shop is closed");
  },
});
// a server calls start(); two runs are enough here
await scheduler.trigger();
isOpen = true;
await scheduler.trigger();

/**
 * A task that logs through @std/log, the errors of its failures included.
 *
 *   deno run examples/std_log.ts
 */
import { NeatPeriodicTaskScheduler } from "@neat/periodic-task";
import { ConsoleHandler, getLogger, type LogRecord, setup } from "@std/log";

setup({
  handlers: { console: new ConsoleHandler("INFO", { formatter: format }) },
  loggers: { "my-server": { level: "INFO", handlers: ["console"] } },
});

/** The formatter that handlers have by default leaves out what comes after the message, such as the error of a failure. */
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
// a server would call start(); two runs will do here
await scheduler.trigger();
isOpen = true;
await scheduler.trigger();

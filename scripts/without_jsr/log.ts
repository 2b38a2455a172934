// Stands in for @std/log: the parts that show the calls of a logger, under the same names and without colours.

export const LogLevels = { NOTSET: 0, DEBUG: 10, INFO: 20, WARN: 30, ERROR: 40, CRITICAL: 50 } as const;

export type LevelName = keyof typeof LogLevels;
export type LogLevel = typeof LogLevels[LevelName];

const LEVEL_NAMES = new Map(Object.entries(LogLevels).map(([name, level]) => [level, name as LevelName]));

export interface LogRecordOptions {
  msg: string;
  args: unknown[];
  level: LogLevel;
  loggerName: string;
}

export class LogRecord {
  readonly msg: string;
  readonly args: unknown[];
  readonly level: number;
  readonly levelName: string;
  readonly loggerName: string;
  readonly datetime: Date = new Date();

  constructor({ msg, args, level, loggerName }: LogRecordOptions) {
    this.msg = msg;
    this.args = [...args];
    this.level = level;
    this.levelName = LEVEL_NAMES.get(level) ?? "NOTSET";
    this.loggerName = loggerName;
  }
}

export type FormatterFunction = (logRecord: LogRecord) => string;

export interface BaseHandlerOptions {
  formatter?: FormatterFunction;
}

export abstract class BaseHandler {
  readonly levelName: LevelName;
  readonly level: LogLevel;
  formatter: FormatterFunction;

  constructor(levelName: LevelName, options: BaseHandlerOptions = {}) {
    this.levelName = levelName;
    this.level = LogLevels[levelName];
    this.formatter = options.formatter ?? ((record) => `${record.levelName} ${record.msg}`);
  }

  handle(logRecord: LogRecord): void {
    if (this.level <= logRecord.level) this.log(this.format(logRecord));
  }

  format(logRecord: LogRecord): string {
    return this.formatter(logRecord);
  }

  abstract log(msg: string): void;
  setup(): void {}
  destroy(): void {}
}

export interface ConsoleHandlerOptions extends BaseHandlerOptions {
  /** Accepted and ignored, as there are no colours. */
  useColors?: boolean;
}

export class ConsoleHandler extends BaseHandler {
  constructor(levelName: LevelName, options: ConsoleHandlerOptions = {}) {
    super(levelName, options);
  }

  override log(msg: string): void {
    console.log(msg);
  }
}

function asString(data: unknown): string {
  if (data instanceof Error) return data.stack ?? data.message;
  return typeof data === "object" && data !== null ? JSON.stringify(data) : String(data);
}

export class Logger {
  readonly loggerName: string;
  readonly level: LogLevel;
  readonly handlers: BaseHandler[];

  constructor(loggerName: string, levelName: LevelName, options: { handlers?: BaseHandler[] } = {}) {
    this.loggerName = loggerName;
    this.level = LogLevels[levelName];
    this.handlers = options.handlers ?? [];
  }

  #log<T>(level: LogLevel, msg: T, args: unknown[]): T {
    if (this.level <= level) {
      const record = new LogRecord({ msg: asString(msg), args, level, loggerName: this.loggerName });
      for (const handler of this.handlers) handler.handle(record);
    }
    return msg;
  }

  debug<T>(msg: T, ...args: unknown[]): T {
    return this.#log(LogLevels.DEBUG, msg, args);
  }

  info<T>(msg: T, ...args: unknown[]): T {
    return this.#log(LogLevels.INFO, msg, args);
  }

  warn<T>(msg: T, ...args: unknown[]): T {
    return this.#log(LogLevels.WARN, msg, args);
  }

  error<T>(msg: T, ...args: unknown[]): T {
    return this.#log(LogLevels.ERROR, msg, args);
  }

  critical<T>(msg: T, ...args: unknown[]): T {
    return this.#log(LogLevels.CRITICAL, msg, args);
  }
}

export interface LogConfig {
  handlers?: Record<string, BaseHandler>;
  loggers?: Record<string, { level?: LevelName; handlers?: string[] }>;
}

const loggers = new Map<string, Logger>();
let handlers: Record<string, BaseHandler> = {};

export function setup(config: LogConfig): void {
  for (const handler of Object.values(handlers)) handler.destroy();
  handlers = { default: new ConsoleHandler("INFO"), ...config.handlers };
  for (const handler of Object.values(handlers)) handler.setup();
  loggers.clear();
  const configured = { default: { level: "INFO", handlers: ["default"] } as const, ...config.loggers };
  for (const [name, { level = "INFO", handlers: names = [] }] of Object.entries(configured)) {
    const own = names.map((handler) => handlers[handler]).filter((handler) => handler !== undefined);
    loggers.set(name, new Logger(name, level, { handlers: own }));
  }
}

export function getLogger(name = "default"): Logger {
  let logger = loggers.get(name);
  if (!logger) {
    logger = new Logger(name, "NOTSET");
    loggers.set(name, logger);
  }
  return logger;
}

setup({});

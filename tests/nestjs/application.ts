/** Applications of Nest for the tests. */
import type { DynamicModule, INestApplicationContext, LoggerService, Provider } from "@nestjs/common";
import { NestFactory } from "@nestjs/core";
import {
  PeriodicTask,
  type PeriodicTaskMethodOptions,
  PeriodicTaskModule,
  type PeriodicTaskModuleOptions,
} from "../../src/nestjs.ts";

/** The options of a task that runs when it is triggered alone. */
export const QUIET = { interval: { hours: 1 }, timeout: { minutes: 5 }, firstRun: "on-schedule" } as const;

/** Applies the decorator to a method as TypeScript does with `experimentalDecorators`. */
export function decorate<Instance extends object>(
  type: new () => Instance,
  key: keyof Instance & (string | symbol),
  options: PeriodicTaskMethodOptions,
): void {
  const descriptor = Object.getOwnPropertyDescriptor(type.prototype, key);
  if (!descriptor) throw new Error(`Cannot decorate as there is no such method: current value is ${String(key)}`);
  PeriodicTask(options)(type.prototype, key, descriptor);
}

/** The entries of a logger of Nest. */
export class KeptLog implements LoggerService {
  readonly entries: [level: string, ...params: unknown[]][] = [];

  log(...params: unknown[]): void {
    this.entries.push(["log", ...params]);
  }

  warn(...params: unknown[]): void {
    this.entries.push(["warn", ...params]);
  }

  error(...params: unknown[]): void {
    this.entries.push(["error", ...params]);
  }

  /** The entries of the module. */
  get own(): unknown[][] {
    return this.entries.filter((entry) => entry.at(-1) === "PeriodicTask").map((entry) => entry.slice(0, -1));
  }
}

/** Starts an application with providers. */
export async function startApplication(
  providers: Provider[],
  options: PeriodicTaskModuleOptions | DynamicModule = {},
  more: { readonly log?: LoggerService; readonly module?: Omit<DynamicModule, "module"> } = {},
): Promise<INestApplicationContext & AsyncDisposable> {
  class AppModule {}
  const tasks = "module" in options ? options : PeriodicTaskModule.forRoot(options);
  const { imports = [], ...rest } = more.module ?? {};
  const app = await NestFactory.createApplicationContext(
    { module: AppModule, imports: [tasks, ...imports], providers, ...rest },
    { logger: more.log ?? false, abortOnError: false },
  );
  return Object.assign(app, { [Symbol.asyncDispose]: () => app.close() });
}

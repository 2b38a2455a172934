/**
 * The module of Nest.
 *
 * @module
 */
import { DiscoveryModule, DiscoveryService } from "@nestjs/core";
import { NeatPeriodicTaskGroup } from "../group.ts";
import { checkOptions } from "../option_checks.ts";
import { checkModuleOptions, type PeriodicTaskModuleAsyncOptions, type PeriodicTaskModuleOptions } from "./options.ts";
import { PeriodicTasks } from "./periodic_tasks.ts";

/** The types of the options of `forRootAsync()`. */
const ASYNC_OPTIONS = { imports: "object", inject: "object", useFactory: "required function" } as const;

/**
 * The configured module, for `imports` of a module.
 *
 * It is a `DynamicModule`. That type is not named here: each version of Nest has its own, and only an ES module can import that of
 * Nest 12.
 */
export interface ConfiguredPeriodicTaskModule {
  /** The class of the module. */
  readonly module: typeof PeriodicTaskModule;
  /** Whether all modules see what this one exports. */
  readonly global: boolean;
  /** The modules that this one needs. */
  // deno-lint-ignore no-explicit-any -- fits the type of each version of Nest
  readonly imports: any[];
  /** The providers. */
  // deno-lint-ignore no-explicit-any -- as above
  readonly providers: any[];
  /** The tokens of the exported providers. */
  // deno-lint-ignore no-explicit-any -- as above
  readonly exports: any[];
}

/**
 * The module that runs all methods with `@PeriodicTask` of an application. Import it once, in the root module.
 *
 * The tasks start in the hook `onApplicationBootstrap`. From `onModuleDestroy` on no run starts, and `beforeApplicationShutdown` waits
 * for those in progress: close what tasks need in `onApplicationShutdown`. At SIGTERM, Nest calls these hooks only after
 * `app.enableShutdownHooks()`.
 *
 * The tasks of modules that are loaded later, by Nest's `LazyModuleLoader`, are not found: add a scheduler to the group, and start
 * it.
 *
 * The module is global. Providers inject `NeatPeriodicTaskGroup`, which has the schedulers from `onModuleInit` of this module on.
 *
 * @example Give all tasks a store and a timeout
 * ```ts
 * import { MemoryStore } from "@neat/periodic-task";
 * import { PeriodicTaskModule } from "@neat/periodic-task/nestjs";
 *
 * const imports = [PeriodicTaskModule.forRoot({ store: new MemoryStore(), timeout: { minutes: 5 } })];
 * console.assert(imports.length === 1);
 * ```
 */
export class PeriodicTaskModule {
  /**
   * Refuses an import of the class itself, which would run no task. Nest calls it.
   *
   * @throws {Error} Always. The module that `forRoot()` returns does not throw.
   */
  onModuleInit(): void {
    throw new Error(
      "Cannot start the periodic tasks as PeriodicTaskModule has no options: import PeriodicTaskModule.forRoot()",
    );
  }

  /**
   * Configures the module.
   *
   * @param options Defaults for all tasks, and the options of the group.
   * @returns The module for `imports`.
   * @throws {TypeError} If an option is unknown or of the wrong type.
   * @throws {RangeError} If a duration or the concurrency is out of range.
   */
  static forRoot(options: PeriodicTaskModuleOptions = {}): ConfiguredPeriodicTaskModule {
    checkModuleOptions(options);
    return configuredModule({ useFactory: () => options });
  }

  /**
   * Configures the module with options that need other providers. Wrong options fail when the application starts.
   *
   * @example Take the store from another provider
   * ```ts
   * import { MemoryStore } from "@neat/periodic-task";
   * import { PeriodicTaskModule } from "@neat/periodic-task/nestjs";
   *
   * class Stores {
   *   readonly tasks = new MemoryStore();
   * }
   * class StoresModule {}
   *
   * const imports = [
   *   PeriodicTaskModule.forRootAsync({
   *     imports: [{ module: StoresModule, providers: [Stores], exports: [Stores] }],
   *     inject: [Stores],
   *     useFactory: (stores: Stores) => ({ store: stores.tasks }),
   *   }),
   * ];
   * console.assert(imports.length === 1);
   * ```
   *
   * @param options The factory of the options, and what it needs.
   * @returns The module for `imports`.
   * @throws {TypeError} If one of these options is unknown or of the wrong type.
   */
  static forRootAsync(options: PeriodicTaskModuleAsyncOptions): ConfiguredPeriodicTaskModule {
    checkOptions(options, ASYNC_OPTIONS, "configure PeriodicTaskModule");
    return configuredModule(options);
  }
}

/** The module with its providers. */
class PeriodicTaskRootModule extends PeriodicTaskModule {
  override onModuleInit(): void {}
}

/** Returns the module. Not a method, as esbuild renames a class that names itself. */
function configuredModule(options: PeriodicTaskModuleAsyncOptions): ConfiguredPeriodicTaskModule {
  const { imports = [], inject = [], useFactory } = options;
  const checked = Symbol("the options of PeriodicTaskModule");
  return {
    module: PeriodicTaskRootModule,
    global: true,
    imports: [DiscoveryModule, ...imports],
    providers: [
      {
        provide: checked,
        inject,
        useFactory: async (...injected: unknown[]): Promise<PeriodicTaskModuleOptions> => {
          const found = await useFactory(...injected);
          checkModuleOptions(found);
          return found;
        },
      },
      {
        provide: NeatPeriodicTaskGroup,
        inject: [checked],
        useFactory: ({ concurrency }: PeriodicTaskModuleOptions) => new NeatPeriodicTaskGroup([], { concurrency }),
      },
      {
        provide: PeriodicTasks,
        inject: [DiscoveryService, NeatPeriodicTaskGroup, checked],
        useFactory: (...args: ConstructorParameters<typeof PeriodicTasks>) => new PeriodicTasks(...args),
      },
    ],
    exports: [NeatPeriodicTaskGroup],
  };
}

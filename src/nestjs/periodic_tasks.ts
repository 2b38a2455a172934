/**
 * The tasks of an application, on Nest's lifecycle.
 *
 * @module
 */
import type { DiscoveryService } from "@nestjs/core";
import { cannot, textOf } from "../errors.ts";
import type { NeatPeriodicTaskGroup } from "../group.ts";
import type { NeatPeriodicTaskOptions, Run } from "../options.ts";
import { NeatPeriodicTaskScheduler } from "../scheduler.ts";
import { type DecoratedMethod, decoratedMethods } from "./decorator.ts";
import { nestLog } from "./nest_log.ts";
import { type PeriodicTaskModuleOptions, withDefaults } from "./options.ts";

/** What Nest knows of a provider. */
type Wrapper = ReturnType<DiscoveryService["getProviders"]>[number];

const DOING = "start the periodic tasks";

/** Finds the tasks of an application, and starts and stops them. Nest calls its hooks. */
export class PeriodicTasks {
  readonly #discovery: DiscoveryService;
  readonly #group: NeatPeriodicTaskGroup;
  readonly #options: PeriodicTaskModuleOptions;
  /** The method of each task by its name. */
  readonly #methods = new Map<string, { readonly type: unknown; readonly key: PropertyKey }>();
  #stopped: Promise<unknown> | undefined;

  /**
   * Creates the tasks of an application.
   *
   * @param discovery Finds the providers.
   * @param group The group that gets the schedulers.
   * @param options The options of the module.
   */
  constructor(discovery: DiscoveryService, group: NeatPeriodicTaskGroup, options: PeriodicTaskModuleOptions) {
    this.#discovery = discovery;
    this.#group = group;
    this.#options = { ...options, log: options.log ?? nestLog() };
  }

  /** Creates the schedulers: all providers exist, and hooks that follow find the group complete. */
  onModuleInit(): void {
    const wrappers = [...this.#discovery.getProviders(), ...this.#discovery.getControllers()];
    if (wrappers.filter(({ instance }) => instance instanceof PeriodicTasks).length > 1) {
      throw new Error(cannot(DOING, "PeriodicTaskModule may be configured once", "forRoot() twice"));
    }
    const instances = new Set<object>();
    for (const wrapper of wrappers) {
      const methods = methodsOf(wrapper);
      if (methods.length === 0) continue;
      assertSingleton(wrapper, methods);
      // a provider may be there under several tokens
      if (instances.has(wrapper.instance)) continue;
      instances.add(wrapper.instance);
      for (const method of methods) this.#add(wrapper.instance, method);
    }
  }

  #add(instance: Readonly<Record<PropertyKey, (run: Run) => unknown>>, { key, options }: DecoratedMethod): void {
    try {
      // looked up at each run, as tests may replace the method
      const task = (run: Run): unknown => instance[key]?.(run);
      const all = { ...withDefaults(this.#options, options), task } as NeatPeriodicTaskOptions;
      this.#group.add(new NeatPeriodicTaskScheduler(all));
      this.#methods.set(options.name, { type: instance.constructor, key });
    } catch (error) {
      const method = shownMethod(instance.constructor, key);
      const reason = error instanceof Error ? error.message : textOf(error);
      const { type, key: other } = this.#methods.get(options.name) ?? {};
      const twin = type === instance.constructor && other === key
        ? `. ${instance.constructor.name} has two instances: list it in one module that exports it`
        : "";
      throw new Error(`Cannot ${DOING} as the options of ${method} are refused: ${reason}${twin}`, { cause: error });
    }
  }

  /** Starts the tasks, unless the application does. */
  onApplicationBootstrap(): void {
    if (this.#options.autoStart ?? true) this.#group.start();
  }

  /** Starts no further run: other providers may close in this hook. */
  onModuleDestroy(): void {
    this.#stop();
  }

  /** Waits for the runs in progress. */
  async beforeApplicationShutdown(): Promise<void> {
    await this.#stop();
  }

  #stop(): Promise<unknown> {
    return this.#stopped ??= this.#group.stop(this.#options.stop);
  }
}

/** Returns the decorated methods of a provider. Those without an instance are classes in a request scope, or not created. */
function methodsOf({ instance, metatype }: Wrapper): DecoratedMethod[] {
  const prototype: unknown = instance ? Object.getPrototypeOf(instance) : metatype?.prototype;
  return typeof prototype === "object" && prototype !== null ? decoratedMethods(prototype) : [];
}

/** Throws if a provider with tasks has several instances, or none before a request. */
function assertSingleton(wrapper: Wrapper, [method]: readonly DecoratedMethod[]): void {
  if (wrapper.isDependencyTreeStatic() && !wrapper.isTransient) return;
  const state = `the provider of ${shownMethod(wrapper.metatype, method?.key)} must be a singleton`;
  throw new Error(cannot(DOING, state, wrapper.isTransient ? "transient" : "request-scoped"));
}

/** Returns a method as messages show it, such as `BackupService.backUp()`. */
function shownMethod(type: { readonly name: string } | null, key: PropertyKey | undefined): string {
  return `${type?.name}.${String(key)}()`;
}

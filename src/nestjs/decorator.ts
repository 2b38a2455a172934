/**
 * The decorator of methods, and how the options that it keeps are found.
 *
 * @module
 */
import { cannot } from "../errors.ts";
import type { Run } from "../options.ts";
import type { PeriodicTaskMethodOptions } from "./options.ts";

/**
 * The key of the options: at a prototype those of its methods by name, at a function its own. It is the same in all copies of the
 * package, as a project may load one as an ES module and one as CommonJS.
 */
const OPTIONS = Symbol.for("@neat/periodic-task/nestjs");

/** What the decorator has left at a prototype or at a function. */
interface Marked {
  [OPTIONS]?: Map<PropertyKey, PeriodicTaskMethodOptions>;
}

/** A decorator of methods, in the form of TypeScript's `experimentalDecorators` and in that of ECMAScript. */
export interface PeriodicTaskDecorator {
  /**
   * Decorates a method with `experimentalDecorators`.
   *
   * @param target The prototype of the class.
   * @param key The name of the method.
   * @param descriptor The descriptor of the method.
   */
  <Method extends (run: Run) => unknown>(
    target: object,
    key: string | symbol,
    descriptor: TypedPropertyDescriptor<Method>,
  ): void;
  /**
   * Decorates a method as ECMAScript specifies it.
   *
   * @param method The method.
   * @param context What is decorated.
   */
  (method: (run: Run) => unknown, context: ClassMethodDecoratorContext): void;
}

/** A method that is a task. */
export interface DecoratedMethod {
  readonly key: PropertyKey;
  readonly options: PeriodicTaskMethodOptions;
}

/**
 * Makes a method of a provider or controller a periodic task. {@linkcode PeriodicTaskModule} starts it.
 *
 * The method is called with the run, as `task` of a scheduler is. The provider must be a singleton, which is Nest's default. With
 * decorators of ECMAScript, this one must be above others that replace the method.
 *
 * @example A method that runs at 3 o'clock, in the form without decorator syntax
 * ```ts
 * import { cron } from "@neat/periodic-task/cron";
 * import { PeriodicTask } from "@neat/periodic-task/nestjs";
 *
 * class ReportService {
 *   send(): void {}
 * }
 * const nightly = PeriodicTask({ name: "report", schedule: cron("0 3 * * *"), timeout: { minutes: 10 } });
 * nightly(ReportService.prototype, "send", { value: ReportService.prototype.send });
 * ```
 *
 * @param options The options of the task. They are checked when the application starts.
 * @returns The decorator. It throws a `TypeError` if it decorates anything but a method of instances, or one method twice.
 */
export function PeriodicTask(options: PeriodicTaskMethodOptions): PeriodicTaskDecorator {
  return (target: object, keyOrContext: string | symbol | ClassMethodDecoratorContext): void => {
    if (typeof keyOrContext === "object") {
      const { kind, name, private: isPrivate, static: isStatic } = keyOrContext;
      mark(target, name, options, kind === "method" && !isPrivate && !isStatic);
    } else {
      const isMethod = typeof Object.getOwnPropertyDescriptor(target, keyOrContext)?.value === "function";
      mark(target, keyOrContext, options, isMethod && typeof target === "object");
    }
  };
}

/** Keeps the options at a prototype or at a function. */
function mark(target: Marked, key: PropertyKey, options: PeriodicTaskMethodOptions, isMethod: boolean): void {
  if (!isMethod) {
    throw new TypeError(cannot("use @PeriodicTask", "it must decorate a method of instances", String(key)));
  }
  const earlier = Object.hasOwn(target, OPTIONS) ? target[OPTIONS]?.get(key) : undefined;
  if (earlier) {
    // a function is decorated before its class has a name
    const owner = typeof target === "object" ? `${target.constructor.name}.` : "";
    throw new TypeError(cannot("use @PeriodicTask", `${owner}${String(key)}() is a task already`, earlier.name));
  }
  if (!Object.hasOwn(target, OPTIONS)) Object.defineProperty(target, OPTIONS, { value: new Map() });
  target[OPTIONS]?.set(key, options);
}

/**
 * Finds the decorated methods of a class and of those that it extends. A method that is overridden is a task only if the decorator is
 * used again.
 *
 * @param prototype The prototype of the class.
 * @returns The methods.
 */
export function decoratedMethods(prototype: object): DecoratedMethod[] {
  const found: DecoratedMethod[] = [];
  const seen = new Set<PropertyKey>();
  for (let owner = prototype; owner && owner !== Object.prototype; owner = Object.getPrototypeOf(owner)) {
    for (const key of Reflect.ownKeys(owner).filter((key) => !seen.has(key))) {
      seen.add(key);
      const options = optionsOf(owner, key);
      if (options) found.push({ key, options });
    }
  }
  return found;
}

/** Returns the options of a method of a prototype; `undefined` if it is not decorated. */
function optionsOf(owner: Marked, key: PropertyKey): PeriodicTaskMethodOptions | undefined {
  const own = Object.hasOwn(owner, OPTIONS) ? owner[OPTIONS]?.get(key) : undefined;
  const method: unknown = Object.getOwnPropertyDescriptor(owner, key)?.value;
  return own ?? (typeof method === "function" ? (method as Marked)[OPTIONS]?.get(key) : undefined);
}

import { assert, assertEquals, assertRejects, assertStringIncludes, assertThrows } from "@std/assert";
import { Inject, Scope } from "@nestjs/common";
import { LazyModuleLoader, NestFactory } from "@nestjs/core";
import {
  MemoryStore,
  NeatPeriodicTaskGroup,
  NeatPeriodicTaskScheduler,
  type Run,
  type StatusStore,
} from "../../mod.ts";
import { PeriodicTask, PeriodicTaskModule } from "../../src/nestjs.ts";
import { decorate, KeptLog, QUIET, startApplication } from "./application.ts";

/** A service whose task finishes when the test lets it. */
class BackupService {
  readonly log: string[] = [];
  readonly started: PromiseWithResolvers<Run> = Promise.withResolvers();
  readonly mayFinish: PromiseWithResolvers<void> = Promise.withResolvers();

  async backUp(run: Run): Promise<void> {
    this.log.push("backs up");
    this.started.resolve(run);
    await this.mayFinish.promise;
    this.log.push("has backed up");
  }
}
decorate(BackupService, "backUp", { name: "backup", interval: { hours: 1 }, timeout: { minutes: 5 } });

/** A service whose task only runs when it is triggered. */
class ReportService {
  runs = 0;

  send(): void {
    this.runs++;
  }
}
decorate(ReportService, "send", { ...QUIET, name: "report" });

/** Returns the names of the tasks of a group. */
function namesOf(group: NeatPeriodicTaskGroup): string[] {
  return [...group].map(({ name }) => name);
}

Deno.test("PeriodicTaskModule starts the methods with @PeriodicTask, bound to their provider and with the run", async () => {
  await using app = await startApplication([BackupService, ReportService]);
  const service = app.get(BackupService);
  assertEquals((await service.started.promise).name, "backup");
  assertEquals(namesOf(app.get(NeatPeriodicTaskGroup)), ["backup", "report"]);
  service.mayFinish.resolve();
});

Deno.test("app.close() waits for the run in progress, before onApplicationShutdown of others", async () => {
  const service = new BackupService();
  const database = { onApplicationShutdown: () => service.log.push("database closes") };
  const app = await startApplication([
    { provide: BackupService, useValue: service },
    { provide: "database", useValue: database },
  ]);
  await service.started.promise;
  const group = app.get(NeatPeriodicTaskGroup);
  const closed = app.close().then(() => service.log.push("application closed"));
  while ([...group][0]?.state === "started") await Promise.resolve();
  service.mayFinish.resolve();
  await closed;
  assertEquals(service.log, ["backs up", "has backed up", "database closes", "application closed"]);
  assertEquals([...group].map(({ state }) => state), ["stopped"]);
});

Deno.test("forRoot({ autoStart: false }) leaves the start to the application", async () => {
  const states = (): string[] => [...group].map(({ state }) => state);
  await using app = await startApplication([ReportService], { autoStart: false });
  const group = app.get(NeatPeriodicTaskGroup);
  assertEquals(states(), ["new"]);
  group.start();
  assertEquals(states(), ["started"]);
});

Deno.test("an application that never started its tasks closes", async () => {
  const app = await startApplication([ReportService], { autoStart: false });
  await app.close();
  assertEquals([...app.get(NeatPeriodicTaskGroup)].map(({ state }) => state), ["stopped"]);
});

Deno.test("PeriodicTaskModule without forRoot() is refused, as no task would run", async () => {
  class AppModule {}
  const starting = NestFactory.createApplicationContext(
    { module: AppModule, imports: [PeriodicTaskModule], providers: [ReportService] },
    { logger: false, abortOnError: false },
  );
  await assertRejects(() => starting, Error, "import PeriodicTaskModule.forRoot()");
});

Deno.test("the option stop limits the wait when the application closes", async () => {
  const app = await startApplication([BackupService], { stop: { abort: true } });
  const service = app.get(BackupService);
  const { signal } = await service.started.promise;
  signal.addEventListener("abort", () => service.mayFinish.resolve());
  await app.close();
  assertEquals(signal.reason.name, "AbortError");
});

Deno.test("no run starts from onModuleDestroy on", async () => {
  const outcomes: unknown[] = [];
  const trigger = async (group: NeatPeriodicTaskGroup): Promise<void> => {
    const [report] = group;
    outcomes.push((await report?.trigger())?.outcome);
  };
  // the root module is destroyed after the modules that it imports, or before them, by the version of Nest
  const app = await startApplication([ReportService, {
    provide: "late",
    inject: [NeatPeriodicTaskGroup],
    useFactory: (group: NeatPeriodicTaskGroup) => ({ beforeApplicationShutdown: () => trigger(group) }),
  }]);
  await app.close();
  assertEquals(outcomes, ["stopped"]);
});

Deno.test("the group is complete in onApplicationBootstrap, and injected by its class in every module", async () => {
  class OtherModule {}
  const names: string[][] = [];
  const observer = {
    provide: "observer",
    inject: [NeatPeriodicTaskGroup],
    useFactory: (group: NeatPeriodicTaskGroup) => ({ onApplicationBootstrap: () => names.push(namesOf(group)) }),
  };
  await using _app = await startApplication([ReportService], {}, {
    module: { imports: [{ module: OtherModule, providers: [observer] }] },
  });
  assertEquals(names, [["report"]]);
});

Deno.test("forRoot() gives all tasks its options, and a task overrides them", async () => {
  class Tasks {
    first(): void {}
    second(): void {}
  }
  const own = new MemoryStore();
  decorate(Tasks, "first", { name: "first", interval: { hours: 1 }, firstRun: "on-schedule", store: undefined });
  decorate(Tasks, "second", { ...QUIET, name: "second", store: own, instance: "b" });
  const store = new MemoryStore();
  await using app = await startApplication([Tasks], { store, instance: "a", timeout: { minutes: 1 } });
  const group = app.get(NeatPeriodicTaskGroup);
  const runs = await Promise.all([...group].map((scheduler) => scheduler.trigger()));
  const lengths = runs.map(({ run }) => run && run.deadline.getTime() - run.started.getTime());
  assertEquals(lengths, [60_000, 300_000]);
  const stored = async (store: StatusStore, name: string): Promise<unknown> => {
    const entry = await store.read(name);
    return entry && JSON.parse(new TextDecoder().decode(entry.value)).instance;
  };
  assertEquals([await stored(store, "first"), await stored(own, "second")], ["a", "b"]);
});

Deno.test("forRoot({ concurrency }) limits the runs at the same time", async () => {
  class Tasks {
    readonly log: string[] = [];
    async first(): Promise<void> {
      await this.#run("first");
    }
    async second(): Promise<void> {
      await this.#run("second");
    }
    async #run(name: string): Promise<void> {
      this.log.push(`${name} starts`);
      await Promise.resolve();
      this.log.push(`${name} ends`);
    }
  }
  decorate(Tasks, "first", { ...QUIET, name: "first" });
  decorate(Tasks, "second", { ...QUIET, name: "second" });
  await using app = await startApplication([Tasks], { concurrency: 1 });
  await Promise.all([...app.get(NeatPeriodicTaskGroup)].map((scheduler) => scheduler.trigger()));
  assertEquals(app.get(Tasks).log, ["first starts", "first ends", "second starts", "second ends"]);
});

Deno.test("forRootAsync() takes its options from a factory with injected providers of its imports", async () => {
  class ConfigModule {}
  const store = new MemoryStore();
  const module = PeriodicTaskModule.forRootAsync({
    imports: [{ module: ConfigModule, providers: [{ provide: "store", useValue: store }], exports: ["store"] }],
    inject: ["store"],
    useFactory: (store: MemoryStore) => Promise.resolve({ store }),
  });
  await using app = await startApplication([ReportService], module);
  const [report] = app.get(NeatPeriodicTaskGroup);
  await report?.trigger();
  assert(await store.read("report"));
});

Deno.test("the tasks log through the logger of Nest, FAILED with its stack, its causes and the replica", async () => {
  class Failing {
    fail(): void {
      const cause = new AggregateError([new Error("refused")], "all addresses");
      throw new Error("no luck", { cause });
    }
    throwText(): void {
      throw "no luck either";
    }
  }
  decorate(Failing, "fail", { ...QUIET, name: "fails" });
  decorate(Failing, "throwText", { ...QUIET, name: "throws" });
  const log = new KeptLog();
  await using app = await startApplication([Failing, ReportService], { instance: "host-a" }, { log });
  for (const scheduler of app.get(NeatPeriodicTaskGroup)) await scheduler.trigger();
  // the first check of each task may come before its run or after it
  const entries = log.own.filter(([, message]) => !String(message).includes("[ALIVE]"));
  const [start, failed, , thrown, , finished] = entries;
  assertEquals(start, ["log", '### [START] neat-periodic-task: "fails"']);
  assertEquals(failed?.slice(0, 2), ["error", '### [FAILED] neat-periodic-task: "fails"']);
  const stack = String(failed?.[2]);
  assertStringIncludes(stack, "Error: no luck\n    at ");
  assertStringIncludes(stack, "\n[cause]: AggregateError: all addresses\n    at ");
  assertStringIncludes(stack, "\n[cause]: Error: refused\n    at ");
  assertStringIncludes(stack, '\n    at instance "host-a"');
  assertEquals(thrown, [
    "error",
    '### [FAILED] neat-periodic-task: "throws"',
    'no luck either\n    at instance "host-a"',
  ]);
  assertEquals(finished, ["log", '### [FINISHED] neat-periodic-task: "report"']);
});

Deno.test("a warning names the cause of its error, also of one that is its own cause", async () => {
  const error: Error = new Error("no answer", { cause: new Error("connection reset") });
  (error.cause as Error).cause = error;
  const store = new MemoryStore();
  store.read = () => Promise.reject(error);
  const log = new KeptLog();
  await using app = await startApplication([ReportService], { store, autoStart: false }, { log });
  const [report] = app.get(NeatPeriodicTaskGroup);
  await report?.trigger().catch(() => {});
  const [, message] = log.own.find(([level]) => level === "warn") ?? [];
  assertStringIncludes(
    String(message),
    "Error: no answer\n[cause]: Error: connection reset\n[cause]: Error: no answer",
  );
});

Deno.test("a method that a test replaces is called in the place of the original", async () => {
  await using app = await startApplication([ReportService]);
  const service = app.get(ReportService);
  let replaced = 0;
  service.send = () => void replaced++;
  const [report] = app.get(NeatPeriodicTaskGroup);
  await report?.trigger();
  assertEquals([replaced, service.runs], [1, 0]);
});

Deno.test("decorated methods of controllers and of classes that are extended are tasks; overridden ones are not", async () => {
  class Extended extends ReportService {
    other(): void {}
  }
  decorate(Extended, "other", { ...QUIET, name: "other" });
  class Overridden extends BackupService {
    override async backUp(): Promise<void> {}
  }
  await using app = await startApplication([Overridden], {}, { module: { controllers: [Extended] } });
  assertEquals(namesOf(app.get(NeatPeriodicTaskGroup)), ["other", "report"]);
});

Deno.test("a provider under several tokens has its tasks once", async () => {
  await using app = await startApplication([ReportService, { provide: "alias", useExisting: ReportService }]);
  assertEquals(namesOf(app.get(NeatPeriodicTaskGroup)), ["report"]);
});

Deno.test("wrong options of a task stop the start of the application, with the class and the method named", async () => {
  class Wrong {
    run(): void {}
  }
  // @ts-expect-error: the option does not exist
  decorate(Wrong, "run", { name: "wrong", interval: { hours: 1 }, timeOut: { minutes: 1 } });
  const error = await assertRejects(() => startApplication([Wrong], { timeout: { minutes: 1 } }), Error);
  assertStringIncludes(error.message, "Cannot start the periodic tasks as the options of Wrong.run() are refused");
  assertStringIncludes(error.message, '"timeOut" is not an option, did you mean "timeout"?');
  assert(error.cause instanceof TypeError);
});

Deno.test("two tasks of the same name stop the start of the application", async () => {
  class Twin extends ReportService {}
  const error = await assertRejects(() => startApplication([ReportService, Twin]), Error);
  assertStringIncludes(error.message, "Twin.send() are refused");
  assertStringIncludes(error.message, 'its name is taken: current value is "report"');
});

Deno.test("a provider of two modules stops the start of the application, with that cause", async () => {
  class OtherModule {}
  const imports = [{ module: OtherModule, providers: [ReportService] }];
  const error = await assertRejects(() => startApplication([ReportService], {}, { module: { imports } }), Error);
  assertStringIncludes(error.message, 'its name is taken: current value is "report"');
  assertStringIncludes(error.message, "ReportService has two instances: list it in one module that exports it");
});

Deno.test("a task of a module that is loaded later is added to the group, and stops with the application", async () => {
  class LazyModule {}
  const app = await startApplication([ReportService]);
  const lazy = { module: LazyModule, providers: [BackupService] };
  const loaded = await app.get(LazyModuleLoader).load(() => lazy);
  const service = loaded.get(BackupService);
  const group = app.get(NeatPeriodicTaskGroup);
  assertEquals(namesOf(group), ["report"]);
  const log = { info: () => {}, warn: () => {}, error: () => {} };
  const task = (run: Run): Promise<void> => service.backUp(run);
  const options = { name: "lazy", interval: { hours: 1 }, timeout: { minutes: 1 }, log, task };
  group.add(new NeatPeriodicTaskScheduler(options)).start();
  await service.started.promise;
  service.mayFinish.resolve();
  await app.close();
  assertEquals(service.log, ["backs up", "has backed up"]);
});

Deno.test("two methods of one class with the same name stop the start without a word on instances", async () => {
  class Tasks {
    first(): void {}
    second(): void {}
  }
  decorate(Tasks, "first", { ...QUIET, name: "same" });
  decorate(Tasks, "second", { ...QUIET, name: "same" });
  const error = await assertRejects(() => startApplication([Tasks]), Error);
  assertEquals(error.message.includes("two instances"), false);
});

Deno.test("forRoot() refuses unknown options and those out of range", async () => {
  // @ts-expect-error: the option does not exist
  const unknown = assertThrows(() => PeriodicTaskModule.forRoot({ stor: new MemoryStore() }), TypeError);
  assertStringIncludes(unknown.message, '"stor" is not an option, did you mean "store"?');
  // @ts-expect-error: each task has a name of its own
  assertThrows(() => PeriodicTaskModule.forRoot({ name: "all" }), TypeError, '"name" is not an option');
  assertThrows(() => PeriodicTaskModule.forRoot({ concurrency: 0 }), RangeError, "from 1 on: current value is 0");
  assertThrows(() => PeriodicTaskModule.forRoot({ timeout: -1 }), RangeError, '"timeout"');
  // @ts-expect-error: the option does not exist
  assertThrows(() => PeriodicTaskModule.forRoot({ stop: { aborts: true } }), TypeError, 'did you mean "abort"?');
  const module = PeriodicTaskModule.forRootAsync({ useFactory: () => ({ concurrency: 0.5 }) });
  await assertRejects(() => startApplication([], module), RangeError, "current value is 0.5");
  // @ts-expect-error: the factory is required
  assertThrows(() => PeriodicTaskModule.forRootAsync({}), TypeError, '"useFactory" is required');
});

Deno.test("PeriodicTaskModule refuses to be configured twice, as tasks would run twice", async () => {
  const again = PeriodicTaskModule.forRoot({ timeout: { hours: 1 } });
  const starting = startApplication([ReportService], {}, { module: { imports: [again] } });
  await assertRejects(() => starting, Error, "PeriodicTaskModule may be configured once");
});

for (const [scope, shown] of [[Scope.REQUEST, "request-scoped"], [Scope.TRANSIENT, "transient"]] as const) {
  Deno.test(`a task in a ${shown} provider stops the start of the application`, async () => {
    const provider = { provide: ReportService, useClass: ReportService, scope };
    const error = await assertRejects(() => startApplication([provider]), Error);
    assertEquals(
      error.message,
      "Cannot start the periodic tasks as the provider of ReportService.send() must be a singleton: " +
        `current value is "${shown}"`,
    );
  });
}

Deno.test("a task in a provider that injects a request-scoped one stops the start of the application", async () => {
  class Indirect extends ReportService {}
  Inject("user")(Indirect, undefined, 0);
  const user = { provide: "user", useFactory: () => ({}), scope: Scope.REQUEST };
  await assertRejects(
    () => startApplication([Indirect, user]),
    Error,
    'Indirect.send() must be a singleton: current value is "request-scoped"',
  );
});

Deno.test("@PeriodicTask works as a decorator of ECMAScript", async () => {
  class Standard {
    readonly names: string[] = [];

    @PeriodicTask({ ...QUIET, name: "standard" })
    run({ name }: Run): void {
      this.names.push(name);
    }
  }
  await using app = await startApplication([Standard]);
  for (const scheduler of app.get(NeatPeriodicTaskGroup)) await scheduler.trigger();
  assertEquals(app.get(Standard).names, ["standard"]);
});

Deno.test("@PeriodicTask finds its method when another decorator has replaced it", async () => {
  let replaced = 0;
  class Replaced {
    run(): void {}
  }
  decorate(Replaced, "run", { ...QUIET, name: "replaced" });
  Replaced.prototype.run = () => void replaced++;
  await using app = await startApplication([Replaced]);
  for (const scheduler of app.get(NeatPeriodicTaskGroup)) await scheduler.trigger();
  assertEquals(replaced, 1);
});

Deno.test("@PeriodicTask refuses a second task of one method, and not the one of a class that extends", async () => {
  class Twice {
    run(): void {}
  }
  decorate(Twice, "run", { ...QUIET, name: "first" });
  assertThrows(
    () => decorate(Twice, "run", { ...QUIET, name: "second" }),
    TypeError,
    'Cannot use @PeriodicTask as Twice.run() is a task already: current value is "first"',
  );
  class Extended extends Twice {
    override run(): void {}
  }
  decorate(Extended, "run", { ...QUIET, name: "extended" });
  await using app = await startApplication([Twice, Extended]);
  assertEquals(namesOf(app.get(NeatPeriodicTaskGroup)), ["first", "extended"]);
});

Deno.test("@PeriodicTask as a decorator of ECMAScript refuses a second task of one method", () => {
  const create = (): unknown => {
    class Twice {
      @PeriodicTask({ ...QUIET, name: "second" })
      @PeriodicTask({ ...QUIET, name: "first" })
      run(): void {}
    }
    class Extended extends Twice {
      @PeriodicTask({ ...QUIET, name: "extended" })
      override run(): void {}
    }
    return Extended;
  };
  // the class has no name yet when its methods are decorated
  assertThrows(create, TypeError, 'Cannot use @PeriodicTask as run() is a task already: current value is "first"');
});

Deno.test("@PeriodicTask refuses what is no method of instances", () => {
  class Other {
    static create(): void {}
    get value(): number {
      return 1;
    }
  }
  const decorator = PeriodicTask({ ...QUIET, name: "other" });
  const refused = "Cannot use @PeriodicTask as it must decorate a method of instances";
  assertThrows(() => decorator(Other, "create", { value: Other.create }), TypeError, refused);
  assertThrows(() => decorator(Other.prototype, "value", {}), TypeError, refused);
  assertThrows(
    () => {
      class Private {
        // @ts-ignore: not every version of TypeScript accepts it here
        @PeriodicTask({ ...QUIET, name: "private" })
        #run(): void {}
        call(): void {
          this.#run();
        }
      }
      new Private().call();
    },
    TypeError,
    refused,
  );
});

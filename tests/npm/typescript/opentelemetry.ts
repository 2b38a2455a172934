/** Uses every name that the entry point for OpenTelemetry exports, and has lines that must not compile. */
import { metrics, trace } from "@opentelemetry/api";
import { MemoryStore, NeatPeriodicTaskGroup as Group } from "@neat/periodic-task";
import {
  instrument,
  type Instrumentation,
  type InstrumentOptions,
  instrumentStore,
  type InstrumentStoreOptions,
  type NeatPeriodicTaskGroup,
  type NeatPeriodicTaskScheduler,
  type StatusStore,
} from "@neat/periodic-task/opentelemetry";

/** Instruments tasks. */
export function instrumented(scheduler: NeatPeriodicTaskScheduler): Instrumentation[] {
  const options: InstrumentOptions = { tracerProvider: trace, meterProvider: metrics };
  const group: NeatPeriodicTaskGroup = new Group([scheduler]);
  const handles: Instrumentation[] = [instrument(group), instrument(scheduler, options)];
  for (const handle of handles) handle[Symbol.dispose]();
  return handles;
}

/** Instruments a store. An option may be undefined, as values from a configuration file often are. */
export function store(spans: boolean | undefined): StatusStore {
  const options: InstrumentStoreOptions = { spans, tracerProvider: undefined };
  return instrumentStore(new MemoryStore(), options);
}

/** Lines that must not compile. */
export function refused(scheduler: NeatPeriodicTaskScheduler): unknown[] {
  return [
    // @ts-expect-error: the target is required
    () => instrument(),
    // @ts-expect-error: one target
    () => instrument([scheduler]),
    // @ts-expect-error: the option does not exist
    () => instrument(scheduler, { tracer: trace.getTracer("a") }),
    // @ts-expect-error: a store has read() and write()
    () => instrumentStore({ read: () => null }),
    // @ts-expect-error: spans are wanted or not
    () => instrumentStore(new MemoryStore(), { spans: "all" }),
  ];
}

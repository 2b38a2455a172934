/**
 * Hints that a task may have changed: events of the schedulers in this process, and watches of the store.
 *
 * @module
 */
import type { NeatPeriodicTaskEventType } from "../events.ts";
import type { NeatPeriodicTaskGroup } from "../group.ts";
import { hasMethods } from "../option_checks.ts";
import type { NeatPeriodicTaskScheduler } from "../scheduler.ts";
import type { StatusStore } from "../store/store.ts";
import type { WatchChanges } from "./live_tasks.ts";
import type { TakeoverLog } from "./takeover_log.ts";

/** A group, or some schedulers. */
export type Schedulers = NeatPeriodicTaskGroup | Iterable<NeatPeriodicTaskScheduler>;

/** The events after which a record or an explanation differs. */
const EVENTS: readonly NeatPeriodicTaskEventType[] = [
  "alive",
  "start",
  "finished",
  "failed",
  "leaselost",
  "abandoned",
  "storeerror",
  "storeback",
];

/** The number of tasks whose records are watched. More would be too many connections for some stores. */
const MAX_WATCHES = 50;

type Emitter = Pick<NeatPeriodicTaskScheduler, "addEventListener" | "removeEventListener">;

/** Returns the objects whose events are those of all schedulers. */
function emittersOf(schedulers: Schedulers): readonly Emitter[] {
  const isGroup = hasMethods(schedulers, ["addEventListener", "removeEventListener"]);
  return isGroup ? [schedulers as NeatPeriodicTaskGroup] : [...schedulers];
}

/** Returns hints by the events of schedulers. */
export function schedulerChanges(schedulers: Schedulers): WatchChanges {
  return (_, onChange, signal) => {
    const listener = ({ name }: { readonly name: string }): void => onChange(name);
    const emitters = emittersOf(schedulers);
    for (const emitter of emitters) for (const type of EVENTS) emitter.addEventListener(type, listener);
    signal.addEventListener("abort", () => {
      for (const emitter of emitters) for (const type of EVENTS) emitter.removeEventListener(type, listener);
    }, { once: true });
  };
}

/** Returns hints by the watches of a store, for the first tasks. There are none if the store cannot watch. */
export function storeChanges(store: StatusStore): WatchChanges {
  return (names, onChange, signal) => {
    const watch = store.watch?.bind(store);
    if (!watch) return;
    for (const name of names().slice(0, MAX_WATCHES)) {
      const follow = async (): Promise<void> => {
        for await (const _ of watch(name, { signal })) {
          if (signal.aborted) return;
          onChange(name);
        }
      };
      // without hints, the next read of all tasks finds the change
      follow().catch(() => {});
    }
  };
}

/** Keeps the takeovers that schedulers report. */
export function keepTakeovers(schedulers: Schedulers, log: TakeoverLog): void {
  for (const emitter of emittersOf(schedulers)) {
    emitter.addEventListener("takeover", ({ name, instance, time, term, from, reason }) => {
      log.add(name, { time, term, from, to: instance, reason });
    });
  }
}

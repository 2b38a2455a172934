/**
 * Hints that a task may have changed: events of the schedulers in this process, and watches of the store.
 *
 * @module
 */
import type { NeatPeriodicTaskEventMap, NeatPeriodicTaskEventType } from "../events.ts";
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

/** A watch that ends again and again is left out for at most 2 to the power of this many reads of all tasks. */
const MAX_PAUSE_DOUBLINGS = 6;

type Emitter = Pick<NeatPeriodicTaskScheduler, "addEventListener" | "removeEventListener">;

/** Returns the objects whose events are those of all schedulers. */
function emittersOf(schedulers: Schedulers): readonly Emitter[] {
  const isGroup = hasMethods(schedulers, ["addEventListener", "removeEventListener"]);
  return isGroup ? [schedulers as NeatPeriodicTaskGroup] : [...schedulers];
}

/** Returns hints by the events of schedulers. */
export function schedulerChanges(schedulers: Schedulers): WatchChanges {
  return (onChange, signal) => {
    const listener = ({ name }: { readonly name: string }): void => onChange(name);
    const emitters = emittersOf(schedulers);
    for (const emitter of emitters) for (const type of EVENTS) emitter.addEventListener(type, listener);
    signal.addEventListener("abort", () => {
      for (const emitter of emitters) for (const type of EVENTS) emitter.removeEventListener(type, listener);
    }, { once: true });
    return () => {};
  };
}

/**
 * Returns hints by the watches of a store, for the first tasks. There are none if the store cannot watch.
 *
 * A watch that has ended is started again after a later read of all tasks, with a pause that doubles each time.
 */
export function storeChanges(store: StatusStore): WatchChanges {
  return (onChange, signal) => {
    const watch = store.watch?.bind(store);
    const watched = new Set<string>();
    // by name: the number of reads to leave out, and the number of ends
    const pauses = new Map<string, { left: number; ends: number }>();
    const follow = async (name: string): Promise<void> => {
      watched.add(name);
      try {
        for await (const _ of watch?.(name, { signal }) ?? []) {
          if (signal.aborted) return;
          onChange(name);
        }
      } catch {
        // without hints, the next read of all tasks finds the change
      } finally {
        watched.delete(name);
        const ends = Math.min((pauses.get(name)?.ends ?? 0) + 1, MAX_PAUSE_DOUBLINGS);
        pauses.set(name, { left: 2 ** ends - 1, ends });
      }
    };
    return (names) => {
      if (!watch) return;
      for (const name of pauses.keys()) if (!names.includes(name)) pauses.delete(name);
      for (const name of names) {
        if (watched.size >= MAX_WATCHES || signal.aborted) return;
        const pause = pauses.get(name);
        if (pause && pause.left > 0) pause.left--;
        else if (!watched.has(name)) void follow(name);
      }
    };
  };
}

/** Keeps the takeovers that schedulers report, until the signal aborts. */
export function keepTakeovers(schedulers: Schedulers, log: TakeoverLog, signal: AbortSignal | undefined): void {
  const emitters = emittersOf(schedulers);
  const listener = ({ name, instance, time, term, from, reason }: NeatPeriodicTaskEventMap["takeover"]): void => {
    log.add(name, { time, term, from, to: instance, reason });
  };
  for (const emitter of emitters) emitter.addEventListener("takeover", listener);
  signal?.addEventListener("abort", () => {
    for (const emitter of emitters) emitter.removeEventListener("takeover", listener);
  }, { once: true });
}

/**
 * The tasks as they change, for all viewers together.
 *
 * @module
 */
import type { TaskSource } from "../monitoring/task_source.ts";
import type { WatchedTask } from "../monitoring/watched_task.ts";
import type { Clock } from "../time/clock.ts";
import { type Snapshot, taskVersion } from "./view.ts";

/**
 * Calls a function with the name of each task that may have changed, until the signal aborts.
 *
 * @returns A function that is called with the names of all tasks after each read of them.
 */
export type WatchChanges = (
  onChange: (name: string) => void,
  signal: AbortSignal,
) => (names: readonly string[]) => void;

/** The settings of the loop. */
export interface LiveTasksSettings {
  readonly source: TaskSource;
  readonly clock: Clock;
  /** The time from one read of all tasks to the next. */
  readonly refreshMs: number;
  readonly watchChanges: WatchChanges;
  readonly errorText: (error: unknown) => string;
  /** Called with all tasks that were read. */
  readonly onRead: (tasks: readonly WatchedTask[]) => void;
}

/** The shortest time between two reads. Hints in between are served together. */
const MIN_GAP_MS = 250;

/** The time for which viewers are served at a stretch. */
const MAX_BLOCK_MS = 10;

/** One loop that reads the tasks while somebody looks: all of them again and again, and single ones after a hint. */
export class LiveTasks {
  readonly #settings: LiveTasksSettings;
  readonly #viewers = new Set<(snapshot: Snapshot) => void>();
  readonly #hinted = new Set<string>();
  #tasks = new Map<string, WatchedTask>();
  #error: string | undefined;
  #readMs: number | undefined;
  #end: AbortController | undefined;
  #wake: () => void = () => {};

  constructor(settings: LiveTasksSettings) {
    this.#settings = settings;
  }

  /** The number of viewers. */
  get viewers(): number {
    return this.#viewers.size;
  }

  /**
   * Calls a function with the tasks, soon and after each read. The first viewer starts the loop, and the last one ends it.
   *
   * @returns The function that ends the calls.
   */
  subscribe(viewer: (snapshot: Snapshot) => void): () => void {
    this.#viewers.add(viewer);
    if (this.#end) {
      // the tasks of the last read, so that a second viewer does not wait for the next one
      if (this.#tasks.size > 0) this.#show(viewer, this.#snapshot());
    } else {
      this.#end = new AbortController();
      void this.#run(this.#end.signal);
    }
    return () => {
      this.#viewers.delete(viewer);
      if (this.#viewers.size > 0) return;
      this.#end?.abort();
      this.#end = undefined;
      this.#tasks.clear();
      this.#readMs = undefined;
      this.#error = undefined;
      this.#wake();
    };
  }

  #snapshot(): Snapshot {
    return {
      tasks: [...this.#tasks.values()],
      error: this.#error,
      nowMs: this.#settings.clock.nowMs(),
      readMs: this.#readMs,
    };
  }

  /** Calls a viewer. One that fails is left out from then on. */
  #show(viewer: (snapshot: Snapshot) => void, snapshot: Snapshot): void {
    try {
      viewer(snapshot);
    } catch {
      this.#viewers.delete(viewer);
    }
  }

  /** Calls all viewers, and lets other work of the process go on in between. */
  async #showAll(snapshot: Snapshot, signal: AbortSignal): Promise<void> {
    const { clock } = this.#settings;
    let fromMs = clock.monotonicMs();
    for (const viewer of [...this.#viewers]) {
      if (clock.monotonicMs() - fromMs >= MAX_BLOCK_MS) {
        await new Promise<void>((resolve) => clock.setTimer(resolve, 0));
        fromMs = clock.monotonicMs();
      }
      if (signal.aborted) return;
      if (this.#viewers.has(viewer)) this.#show(viewer, snapshot);
    }
  }

  /** Returns the task of the last read if pages show the same of it, so that its row is rendered once. */
  #unchanged(task: WatchedTask): WatchedTask {
    const before = this.#tasks.get(task.name);
    return before && taskVersion(before) === taskVersion(task) ? before : task;
  }

  async #run(signal: AbortSignal): Promise<void> {
    try {
      await this.#loop(signal);
    } catch {
      // a function of the user has failed; the next viewer starts the loop again
      if (signal.aborted) return;
      this.#end?.abort();
      this.#end = undefined;
    }
  }

  async #loop(signal: AbortSignal): Promise<void> {
    const { clock, refreshMs, watchChanges } = this.#settings;
    await this.#readAll(signal);
    if (signal.aborted) return;
    const follow = watchChanges((name) => this.#hint(name), signal);
    follow([...this.#tasks.keys()]);
    let nextMs = clock.monotonicMs() + refreshMs;
    while (!signal.aborted) {
      const snapshot = this.#snapshot();
      await this.#showAll(snapshot, signal);
      await this.#wait(MIN_GAP_MS, signal, () => false);
      await this.#wait(nextMs - clock.monotonicMs(), signal, () => this.#hinted.size > 0);
      if (signal.aborted) return;
      if (clock.monotonicMs() >= nextMs) {
        await this.#readAll(signal);
        if (signal.aborted) return;
        follow([...this.#tasks.keys()]);
        nextMs = clock.monotonicMs() + refreshMs;
      } else await this.#readHinted(signal);
    }
  }

  #hint(name: string): void {
    this.#hinted.add(name);
    this.#wake();
  }

  /** Waits for a time, or until a hint if hints count, or until nobody looks. */
  async #wait(delayMs: number, signal: AbortSignal, isOver: () => boolean): Promise<void> {
    const { clock } = this.#settings;
    if (signal.aborted || delayMs <= 0 || isOver()) return;
    let timer: unknown;
    await new Promise<void>((resolve) => {
      timer = clock.setTimer(resolve, delayMs);
      this.#wake = () => {
        if (signal.aborted || isOver()) resolve();
      };
    });
    clock.clearTimer(timer);
  }

  async #readAll(signal: AbortSignal): Promise<void> {
    const { source, onRead, errorText } = this.#settings;
    this.#hinted.clear();
    try {
      const tasks = await source.list(signal);
      if (signal.aborted) return;
      this.#tasks = new Map(tasks.map((task) => [task.name, this.#unchanged(task)]));
      this.#error = undefined;
      this.#readMs = this.#settings.clock.nowMs();
      onRead(tasks);
    } catch (error) {
      if (!signal.aborted) this.#error = errorText(error);
    }
  }

  async #readHinted(signal: AbortSignal): Promise<void> {
    const { source, onRead } = this.#settings;
    const names = [...this.#hinted];
    this.#hinted.clear();
    const read = async (name: string): Promise<void> => {
      // the next read of all tasks finds an error or a removed task
      const task = await source.read(name, signal).catch(() => null);
      if (!task || signal.aborted) return;
      this.#tasks.set(name, this.#unchanged(task));
      onRead([task]);
    };
    await Promise.all(names.map(read));
  }
}

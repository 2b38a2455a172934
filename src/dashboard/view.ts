/**
 * A view: the parts of a page that change, each with an id.
 *
 * A page shows them once. Afterwards the event stream sends those that have changed, and the script replaces them.
 *
 * @module
 */
import type { Html } from "./html.ts";
import type { WatchedTask } from "../monitoring/watched_task.ts";

/** The tasks at a moment. */
export interface Snapshot {
  readonly tasks: readonly WatchedTask[];
  /** The error of the source, if it has not answered. The tasks are then those of the last answer. */
  readonly error: string | undefined;
  readonly nowMs: number;
  /** The time of the last answer of the source; `undefined` if there was none. */
  readonly readMs?: number | undefined;
}

/** The versions of snapshots, as all viewers need that of the same one. */
const versions = new WeakMap<Snapshot, string>();

/** The versions of tasks. */
const taskVersions = new WeakMap<WatchedTask, string>();

/** The parts of a page that change. */
export interface View {
  /** The title of the page. */
  readonly title: string;
  /** The parts by their ids. */
  readonly parts: ReadonlyMap<string, Html>;
  /** The rows of the page's list by their ids, in order. */
  readonly rows?: ReadonlyMap<string, Html>;
  /** The list with all its rows. Its id is `rows`. */
  readonly list?: () => Html;
}

/**
 * Creates a view of the tasks.
 *
 * @param snapshot The tasks.
 * @param nowMs The present, for times from now; `undefined` if the script fills them in.
 */
export type CreateView = (snapshot: Snapshot, nowMs: number | undefined) => View;

/**
 * Returns a short text that is the same for the same tasks. With it, a page that is up to date gets nothing a second time.
 *
 * A collision leaves a page as it is until the next change.
 */
export function versionOf(snapshot: Snapshot): string {
  const known = versions.get(snapshot) ?? hash(JSON.stringify([snapshot.tasks.map(taskVersion), snapshot.error]));
  versions.set(snapshot, known);
  return known;
}

/** Returns a short text that is the same for tasks of which pages show the same. */
export function taskVersion(task: WatchedTask): string {
  const known = taskVersions.get(task) ?? hash(JSON.stringify(withoutError(task)));
  taskVersions.set(task, known);
  return known;
}

/** Pages show the text of an error, which is in the condition. JSON has no cycles and no BigInt, and an error may have both. */
function withoutError(task: WatchedTask): unknown {
  return task.kind === "unreadable" ? { ...task, error: undefined } : task;
}

/** Returns a hash of a text, of 53 bits (cyrb53). */
export function hash(text: string): string {
  let low = 0xdeadbeef;
  let high = 0x41c6ce57;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    low = Math.imul(low ^ code, 2_654_435_761);
    high = Math.imul(high ^ code, 1_597_334_677);
  }
  low = Math.imul(low ^ (low >>> 16), 2_246_822_507) ^ Math.imul(high ^ (high >>> 13), 3_266_489_909);
  high = Math.imul(high ^ (high >>> 16), 2_246_822_507) ^ Math.imul(low ^ (low >>> 13), 3_266_489_909);
  return (4_294_967_296 * (2_097_151 & high) + (low >>> 0)).toString(36);
}

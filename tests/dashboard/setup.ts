/**
 * Dashboards with sample tasks, in virtual time.
 *
 * @module
 */
import { assert } from "@std/assert";
import type { Hono } from "hono";
import type { MemoryStore, NeatPeriodicTaskGroup, StatusStore } from "../../mod.ts";
import {
  SAMPLE_TASKS,
  sampleGroup,
  sampleRecord,
  sampleStore,
  type SampleTask,
} from "../../internal/dashboard/sample_tasks.ts";
import { dashboard, type DashboardCommonOptions } from "../../src/dashboard.ts";
import { VirtualTime } from "../helpers/virtual_time.ts";

/** A dashboard, and what it shows. */
export interface Shown {
  readonly app: Hono;
  readonly store: MemoryStore;
  readonly group: NeatPeriodicTaskGroup;
  readonly time: VirtualTime;
}

/** How a dashboard is made. */
export interface ShownOptions extends DashboardCommonOptions {
  readonly tasks?: readonly SampleTask[];
  /** Whether the source is the store. Otherwise it is a group. */
  readonly isStore?: boolean;
  /** Puts another store in front of that with the records. */
  readonly wrap?: (store: MemoryStore) => StatusStore;
}

/** Returns a dashboard of sample tasks. */
export async function shown(options: ShownOptions = {}): Promise<Shown> {
  const { tasks = SAMPLE_TASKS, isStore = false, wrap = (store) => store, ...common } = options;
  const time = new VirtualTime();
  const store = await sampleStore(tasks, time.nowMs);
  const group = sampleGroup(tasks, wrap(store), time.clock());
  const clock = time.clock();
  const app = isStore ? dashboard({ store: wrap(store), clock, ...common }) : dashboard({ group, clock, ...common });
  return { app, store, group, time };
}

/** Returns the text of a page, which must be there. */
export async function pageOf(app: Hono, path: string, status = 200): Promise<string> {
  const response = await app.request(path);
  const text = await response.text();
  assert(response.status === status, `${path}: ${response.status}\n${text}`);
  return text;
}

/** Returns the names of the tasks on an overview, in order. */
export function namesOn(page: string): string[] {
  return [...page.matchAll(/<tr id="row-([^"]*)"/g)].map(([, name = ""]) => decodeURIComponent(name));
}

/** Replaces the record of a task. */
export async function rewrite(store: StatusStore, task: SampleTask, nowMs: number): Promise<void> {
  const { version = null } = await store.read(task.name) ?? {};
  const bytes = new TextEncoder().encode(JSON.stringify(sampleRecord(task, nowMs)));
  assert(await store.write(task.name, bytes, version) !== null);
}

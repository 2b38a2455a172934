/**
 * Icons by severity. Their shapes differ, so that nobody must tell colours apart.
 *
 * @module
 */
import type { WatchedTask } from "../monitoring/watched_task.ts";
import { type Html, markup, trusted } from "./html.ts";
import { isRunning } from "./task_facts.ts";

const SHAPES = {
  // an octagon with a cross
  critical: '<path d="M5 1h6l4 4v6l-4 4H5l-4-4V5z"/><path class="on" d="m5.5 5.5 5 5m0-5-5 5"/>',
  // a triangle with an exclamation mark
  warning: '<path d="M8 1 15.5 14.5H.5z"/><path class="on" d="M8 6v4m0 1.8v.6"/>',
  // two bars in a circle
  notice: '<circle cx="8" cy="8" r="7"/><path class="on" d="M6.2 5v6m3.6-6v6"/>',
  // a minus in a circle
  idle: '<circle cx="8" cy="8" r="7"/><path class="on" d="M5 8h6"/>',
  // a triangle to the right in a circle
  running: '<circle cx="8" cy="8" r="7"/><path class="on" d="M6.5 5v6l5-3z"/>',
  // a check mark in a circle
  ok: '<circle cx="8" cy="8" r="7"/><path class="on" d="m4.8 8.3 2.2 2.2 4.2-4.6"/>',
} as const;

/** The name of an icon, which is also the class of its colour. */
export type IconName = keyof typeof SHAPES;

/** Returns the icon of a task. */
export function iconOf(task: WatchedTask): IconName {
  const { severity, reason } = task.condition;
  if (severity === "notice" && reason !== "paused") return "idle";
  return severity === "ok" && isRunning(task) ? "running" : severity;
}

/** Returns an icon. Screen readers skip it, as there is always a text beside it. */
export function icon(name: IconName): Html {
  return markup`<svg class="icon ${name}" viewBox="0 0 16 16" aria-hidden="true">${trusted(SHAPES[name])}</svg>`;
}

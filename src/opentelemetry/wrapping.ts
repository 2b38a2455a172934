/**
 * Functions around the runs of a scheduler, outside of the user's `wrapRun`.
 *
 * @module
 */
import type { NeatPeriodicTaskOptions, Run } from "../options.ts";
import type { Settings } from "../settings.ts";

/** A function around a run. It must call `next` once, synchronously. */
export type Layer = (run: Run, next: () => unknown) => unknown;

interface Wrapping {
  /** The user's function. */
  readonly inner: NeatPeriodicTaskOptions["wrapRun"];
  /** The innermost first. */
  readonly layers: Layer[];
}

/** The wrapped schedulers by their settings. */
const wrappings = new WeakMap<Settings, Wrapping>();

/**
 * Puts a function around the user's `wrapRun` and around the functions that were put there before.
 *
 * @param settings The settings of the scheduler.
 * @param layer The function.
 * @returns Removes the function. When the last one is removed, the user's `wrapRun` is back.
 */
export function addLayer(settings: Settings, layer: Layer): () => void {
  const { layers } = wrappings.get(settings) ?? wrap(settings);
  layers.push(layer);
  return () => {
    const index = layers.indexOf(layer);
    if (index >= 0) layers.splice(index, 1);
    if (layers.length === 0) unwrap(settings);
  };
}

function wrap(settings: Settings): Wrapping {
  const wrapping: Wrapping = { inner: settings.wrapRun, layers: [] };
  wrappings.set(settings, wrapping);
  const { inner, layers } = wrapping;
  settings.wrapRun = (run, callTask) => {
    const innermost = (): unknown => inner ? inner(run, callTask) : callTask();
    return layers.reduce<() => unknown>((next, layer) => () => layer(run, next), innermost)();
  };
  return wrapping;
}

function unwrap(settings: Settings): void {
  const wrapping = wrappings.get(settings);
  if (!wrapping) return;
  settings.wrapRun = wrapping.inner;
  wrappings.delete(settings);
}

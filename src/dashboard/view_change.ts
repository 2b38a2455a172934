/**
 * What has changed from one view to another.
 *
 * Of an earlier view, hashes are kept instead of its HTML, as each viewer may have another one.
 *
 * @module
 */
import type { Html } from "./html.ts";
import { hash, type View } from "./view.ts";

/** The hashes of a view. */
export interface ViewState {
  readonly title: string;
  /** The hashes of the parts by their ids. */
  readonly parts: ReadonlyMap<string, string>;
  /** The hashes of the rows by their ids, in order; `undefined` if the view has no rows. */
  readonly rows: ReadonlyMap<string, string> | undefined;
}

/** The changed parts of a page, as the script reads them. */
export interface ViewChange {
  readonly title: string;
  /** The new HTML of the changed parts by their ids. */
  readonly parts: Readonly<Record<string, string>>;
}

/** The hashes of HTML. A row that has not changed is the same object. */
const hashes = new WeakMap<Html, string>();

/** Returns the hashes of a view. */
export function viewState({ title, parts, rows }: View): ViewState {
  return { title, parts: hashesOf(parts), rows: rows && hashesOf(rows) };
}

function hashesOf(parts: ReadonlyMap<string, Html>): Map<string, string> {
  return new Map([...parts].map(([id, html]) => {
    const known = hashes.get(html) ?? hash(`${html}`);
    hashes.set(html, known);
    return [id, known];
  }));
}

/**
 * Returns the parts of a view that differ from those of an earlier one; `undefined` if there are none.
 *
 * If rows were added, removed or moved, the whole list is sent.
 */
export function changeOf(
  before: ViewState | undefined,
  after: View,
  state: ViewState = viewState(after),
): ViewChange | undefined {
  const parts: Record<string, string> = {};
  const compare = (
    old: ReadonlyMap<string, string> | undefined,
    now: ReadonlyMap<string, string>,
    html: ReadonlyMap<string, Html>,
  ): void => {
    for (const [id, hash] of now) if (old?.get(id) !== hash) parts[id] = `${html.get(id)}`;
  };
  compare(before?.parts, state.parts, after.parts);
  if (after.rows && state.rows && after.list) {
    const isSameOrder = before?.rows && sameKeys(before.rows, state.rows);
    if (isSameOrder) compare(before.rows, state.rows, after.rows);
    else parts["rows"] = `${after.list()}`;
  }
  return Object.keys(parts).length === 0 && before?.title === after.title ? undefined : { title: after.title, parts };
}

function sameKeys(one: ReadonlyMap<string, unknown>, other: ReadonlyMap<string, unknown>): boolean {
  if (one.size !== other.size) return false;
  const keys = [...other.keys()];
  return [...one.keys()].every((key, index) => key === keys[index]);
}

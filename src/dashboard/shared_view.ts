/**
 * A view that all viewers of the same page share: it is rendered once after each read, and a change is written once.
 *
 * @module
 */
import { type CreateView, type Snapshot, versionOf, type View } from "./view.ts";
import { changeOf, type ViewState, viewState } from "./view_change.ts";

/** A view of some tasks, and the messages from earlier views to it. */
export interface SharedUpdate {
  /** The version of the tasks that the view shows. */
  readonly version: string;
  readonly state: ViewState;
  /** Returns the message for a viewer that has an earlier view, or none; `undefined` if it has nothing to change. */
  readonly messageAfter: (before: ViewState | undefined) => Uint8Array<ArrayBuffer> | undefined;
}

/** A view that viewers share. */
export class SharedView {
  readonly #createView: CreateView;
  readonly #selects: string | undefined;
  #last: SharedUpdate | undefined;
  #snapshot: Snapshot | undefined;

  /**
   * Creates a view that viewers share.
   *
   * @param createView Renders the view.
   * @param selects The task that the page shows; `undefined` if it shows all.
   */
  constructor(createView: CreateView, selects: string | undefined) {
    this.#createView = createView;
    this.#selects = selects;
  }

  /** Returns the view of some tasks. The tasks that it showed last are not rendered again. */
  update(all: Snapshot): SharedUpdate {
    if (this.#last && this.#snapshot === all) return this.#last;
    const name = this.#selects;
    const snapshot = name === undefined ? all : { ...all, tasks: all.tasks.filter((task) => task.name === name) };
    const version = versionOf(snapshot);
    const last = this.#last?.version === version
      ? this.#last
      : updateOf(this.#createView(snapshot, undefined), version, snapshot.nowMs);
    this.#last = last;
    this.#snapshot = all;
    return last;
  }
}

function updateOf(view: View, version: string, nowMs: number): SharedUpdate {
  const state = viewState(view);
  // most viewers have the same view
  const messages = new Map<ViewState | undefined, Uint8Array<ArrayBuffer> | undefined>();
  const messageAfter = (before: ViewState | undefined): Uint8Array<ArrayBuffer> | undefined => {
    if (messages.has(before)) return messages.get(before);
    const change = changeOf(before, view, state);
    const text = `id: ${version}\ndata: ${JSON.stringify({ now: nowMs, ...change })}\n\n`;
    const message = change && new TextEncoder().encode(text);
    messages.set(before, message);
    return message;
  };
  return { version, state, messageAfter };
}

/** The views that viewers share, by the addresses of their pages. A view without viewers is forgotten. */
export class SharedViews {
  readonly #views = new Map<string, { readonly view: SharedView; viewers: number }>();

  /** Returns the view of a page, and the function that ends its use. */
  use(address: string, create: () => SharedView): { readonly view: SharedView; readonly release: () => void } {
    const entry = this.#views.get(address) ?? { view: create(), viewers: 0 };
    this.#views.set(address, entry);
    entry.viewers++;
    let isReleased = false;
    const release = (): void => {
      if (isReleased) return;
      isReleased = true;
      entry.viewers--;
      if (entry.viewers === 0 && this.#views.get(address) === entry) this.#views.delete(address);
    };
    return { view: entry.view, release };
  }
}

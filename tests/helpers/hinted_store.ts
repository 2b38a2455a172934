import type { StatusEntry, StatusStore, StoreCallOptions } from "../../mod.ts";
import { ScriptedStore } from "./scripted_store.ts";

/** A store whose hints a test gives. */
export class HintedStore implements StatusStore {
  readonly inner: ScriptedStore;
  /** How many watches were started, and how many of them go on. */
  started = 0;
  open = 0;
  /** What the next watches do: wait for hints, or fail or end at once. */
  mode: "waits" | "fails" | "ends" | "floods" | "ignores its signal" = "waits";
  #wake: (() => void)[] = [];

  constructor(inner: ScriptedStore = new ScriptedStore()) {
    this.inner = inner;
  }

  read(key: string, options?: StoreCallOptions): Promise<StatusEntry | null> {
    return this.inner.read(key, options);
  }

  write(key: string, value: Uint8Array, version: string | null, options?: StoreCallOptions): Promise<string | null> {
    return this.inner.write(key, value, version, options);
  }

  /** Gives a hint to all watches. */
  hint(): void {
    for (const wake of this.#wake.splice(0)) wake();
  }

  async *watch(_key: string, { signal }: StoreCallOptions = {}): AsyncIterable<void> {
    this.started++;
    if (this.mode === "fails") throw new Error("no watch");
    if (this.mode === "ends") return;
    this.open++;
    try {
      while (this.mode === "ignores its signal" || !signal?.aborted) {
        if (this.mode !== "floods") await this.#next(this.mode === "waits" ? signal : undefined);
        if (!signal?.aborted) yield;
      }
    } finally {
      this.open--;
    }
  }

  #next(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve) => {
      this.#wake.push(resolve);
      signal?.addEventListener("abort", () => resolve());
    });
  }
}

import { MemoryStore, type StatusEntry, type StatusStore, type StoreCallOptions } from "../../mod.ts";

/** What a call does instead of simply working. */
export interface Fault {
  /** Takes effect first, if it is a write. */
  readonly takesEffect?: boolean;
  /** Then throws this, or never answers. */
  readonly fails?: unknown;
  readonly hangs?: boolean;
}

/** A store in memory that counts its calls and does with each what a script says. */
export class ScriptedStore implements StatusStore {
  readonly inner: StatusStore;
  readonly calls: ("read" | "write")[] = [];
  /** Asked at each call; a promise delays it. */
  script: (call: "read" | "write", count: number) => Fault | undefined | Promise<Fault | undefined> = () => undefined;
  /** Told as the store's time, if set. */
  storeTime: (() => number) | undefined;

  constructor(inner: StatusStore = new MemoryStore()) {
    this.inner = inner;
  }

  /** How many calls of a kind there were. */
  count(call: "read" | "write"): number {
    return this.calls.filter((made) => made === call).length;
  }

  async read(key: string, options?: StoreCallOptions): Promise<StatusEntry | null> {
    await this.#act("read", options);
    const entry = await this.inner.read(key);
    return entry && this.storeTime ? { ...entry, storeTime: this.storeTime() } : entry;
  }

  async write(
    key: string,
    value: Uint8Array,
    version: string | null,
    options?: StoreCallOptions,
  ): Promise<string | null> {
    return await this.#act("write", options, () => this.inner.write(key, value, version)) ??
      await this.inner.write(key, value, version);
  }

  async #act(
    call: "read" | "write",
    options: StoreCallOptions | undefined,
    effect?: () => Promise<string | null>,
  ): Promise<string | null | undefined> {
    this.calls.push(call);
    const fault = await this.script(call, this.calls.length);
    options?.signal?.throwIfAborted();
    if (!fault) return undefined;
    if (fault.takesEffect) await effect?.();
    if (fault.hangs) await new Promise((_, reject) => options?.signal?.addEventListener("abort", reject));
    throw fault.fails;
  }

  /** The record as its text. */
  async text(key: string): Promise<string | undefined> {
    const entry = await this.inner.read(key);
    return entry ? new TextDecoder().decode(entry.value) : undefined;
  }

  /** The record's fields. */
  async record(key: string): Promise<Record<string, unknown>> {
    return JSON.parse(await this.text(key) ?? "{}");
  }

  /** Puts a record there, whatever was there before. */
  async put(key: string, record: unknown): Promise<void> {
    const value = new TextEncoder().encode(typeof record === "string" ? record : JSON.stringify(record));
    const before = await this.inner.read(key);
    await this.inner.write(key, value, before?.version ?? null);
  }
}

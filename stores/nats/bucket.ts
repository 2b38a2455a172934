/**
 * The part of a bucket of JetStream that the store uses. The types are structural, so that any version of the client fits.
 *
 * @module
 */

/** An entry of a bucket. */
export interface NatsKvEntry {
  /** The key. */
  readonly key: string;
  /** The bytes of the entry. */
  readonly value: Uint8Array;
  /** The number of the write in the bucket. */
  readonly revision: number;
  /** `PUT`, or `DEL` or `PURGE` for the marker of a deleted key. */
  readonly operation: string;
}

/** The results of a listing or a watch. */
export interface NatsIterator<T> extends AsyncIterable<T> {
  /** Ends the iterator. */
  stop(): void;
}

/** What the server knows of a bucket. */
export interface NatsKvStatus {
  /** The stream that holds the bucket. */
  readonly streamInfo: {
    /** Whether reads may be answered by any server, and the stream that this one mirrors. */
    readonly config: { readonly allow_direct?: boolean; readonly mirror?: unknown };
  };
}

/** What a watch reports. */
export interface NatsWatchOptions {
  /** The key, or a pattern with `>` for the rest of it. */
  readonly key?: string;
  /** Whether entries come without their bytes. */
  readonly headers_only?: boolean;
  /** Whether entries come that are written from now on, and no older ones. */
  readonly include?: "updates";
}

/** A bucket, as `Kvm` of `@nats-io/kv` opens or creates it. */
export interface NatsKv {
  /** Reads an entry. */
  get(key: string): Promise<NatsKvEntry | null>;
  /** Writes an entry if there is none, or only the marker of a deleted one. Returns its revision. */
  create(key: string, data: Uint8Array): Promise<number>;
  /** Writes an entry if it is at a revision. Returns the new one. */
  update(key: string, data: Uint8Array, version: number): Promise<number>;
  /** Lists keys. */
  keys(filter?: string): Promise<NatsIterator<string>>;
  /** Returns what the server knows of the bucket. */
  status(): Promise<NatsKvStatus>;
  /** Watches keys. Only the watch of a record needs it. */
  watch?(options: NatsWatchOptions): Promise<NatsIterator<NatsKvEntry>>;
}

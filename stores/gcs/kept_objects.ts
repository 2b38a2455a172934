/**
 * Objects that were read before, and a list that says which of them are unchanged.
 *
 * @module
 */
import type { StatusEntry } from "../../src/store/store.ts";
import type { HttpCall } from "../http/call.ts";
import { storeTimeOf } from "../http/date_header.ts";
import { jsonIn, property, responseError } from "../http/response.ts";
import { percentEncode } from "../http/url.ts";
import { bucketPath, type GcsBucket, rejectedError, serviceUrl } from "./bucket.ts";

/** The longest page of the service. */
const PAGE_SIZE = 1_000;

/** A page costs as much as 12.5 reads. */
const READS_OF_A_PAGE = 25;

/** How many calls make no list after one that has failed: the account may not be allowed to list. */
const RESTING_CALLS = 100;

/** The records of a store, which are objects below a prefix. */
export interface ObjectsBelow {
  readonly bucket: GcsBucket;
  /** The beginning of their names, which is not a part of the keys. */
  readonly prefix: string;
  /** The action, as error messages name it after "Cannot". */
  readonly action: string;
}

/** What a list says about an object. */
interface ListedObject {
  readonly generation: unknown;
  /** The time of the service, if it tells. */
  readonly time: { readonly storeTime?: number };
}

/** The objects that a store has read last. The content of a generation never changes. */
export class KeptObjects {
  readonly #entries = new Map<string, StatusEntry>();
  #restingCalls = 0;

  /** Keeps an object for the next list. `null` forgets it. */
  keep(key: string, entry: StatusEntry | null): void {
    if (entry) this.#entries.set(key, { ...entry, value: entry.value.slice() });
    else this.#entries.delete(key);
  }

  /** Lets the next calls make no list, as one has failed or was of no use. */
  rest(): void {
    this.#restingCalls = RESTING_CALLS;
  }

  /** Whether so many of the keys are kept that a list is worth its pages. */
  isListWorth(keys: readonly string[]): boolean {
    if (this.#restingCalls > 0) {
      this.#restingCalls--;
      return false;
    }
    const kept = keys.filter((key) => this.#entries.has(key)).length;
    return kept >= READS_OF_A_PAGE * pagesFor(keys);
  }

  /**
   * Finds out what did not change, from a list. It shows all writes that were answered before.
   *
   * @returns The records by their keys, `null` where there is none. Those that have changed are left out. Empty if the bucket has many
   * more objects than keys.
   */
  async unchanged(
    call: HttpCall,
    keys: readonly string[],
    below: ObjectsBelow,
  ): Promise<ReadonlyMap<string, StatusEntry | null>> {
    const listed = await listObjects(call, below, pagesFor(keys));
    if (!listed) {
      this.rest();
      return new Map();
    }
    const found = new Map<string, StatusEntry | null>();
    for (const key of keys) {
      const [object, kept] = [listed.get(below.prefix + key), this.#entries.get(key)];
      if (!object) {
        this.#entries.delete(key);
        found.set(key, null);
      } else if (kept && kept.version === object.generation) {
        found.set(key, { value: kept.value.slice(), version: kept.version, ...object.time });
      }
    }
    return found;
  }
}

/** The number of pages with these keys, if there are few others. */
function pagesFor(keys: readonly string[]): number {
  return Math.ceil(keys.length / PAGE_SIZE) + 1;
}

/** Lists the objects below a prefix by their names; `undefined` if they need more pages. */
async function listObjects(
  call: HttpCall,
  { bucket, prefix, action }: ObjectsBelow,
  maxPages: number,
): Promise<ReadonlyMap<string, ListedObject> | undefined> {
  const listed = new Map<string, ListedObject>();
  let pageToken: unknown;
  for (let page = 0; page < maxPages; page++) {
    const response = await call.send({ method: "GET", url: listUrl(bucket, prefix, pageToken) });
    if (response.status !== 200) throw rejectedError(response, bucket, action, "storage.objects.list");
    const json = jsonIn(response);
    // a page without objects has no items
    const items = property(json, "items") ?? [];
    if (json === undefined || !Array.isArray(items)) {
      throw responseError(action, "the answer must hold the names of objects", response);
    }
    const time = storeTimeOf(response.headers);
    for (const item of items) {
      const name = property(item, "name");
      if (typeof name === "string") listed.set(name, { generation: property(item, "generation"), time });
    }
    pageToken = property(json, "nextPageToken");
    if (!pageToken) return listed;
  }
  return undefined;
}

function listUrl(bucket: GcsBucket, prefix: string, pageToken: unknown): string {
  const parameters = {
    ...(prefix === "" ? {} : { prefix }),
    fields: "items(name,generation),nextPageToken",
    maxResults: String(PAGE_SIZE),
    ...(pageToken ? { pageToken: String(pageToken) } : {}),
  };
  const query = Object.entries(parameters).map(([name, value]) => `${name}=${percentEncode(value)}`).join("&");
  return serviceUrl(bucket, bucketPath(bucket), query);
}

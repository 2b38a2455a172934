/**
 * Lists the names of objects.
 *
 * @module
 */
import type { HttpCall } from "../http/call.ts";
import { jsonIn, property, responseError } from "../http/response.ts";
import { percentEncode } from "../http/url.ts";
import { type KeyPage, PAGE_SIZE } from "../listing/key_pages.ts";
import { bucketPath, type GcsBucket, rejectedError, serviceUrl } from "./bucket.ts";

/** The objects of one page. */
export interface ObjectQuery {
  readonly bucket: GcsBucket;
  /** The beginning of their names, which is not a part of the keys. */
  readonly prefix: string;
  /** The token of the page; `undefined` for the first one. */
  readonly pageToken: string | undefined;
  /** The action, as error messages name it after "Cannot". */
  readonly action: string;
}

/** Reads the keys of one page. */
export async function readObjectNames(call: HttpCall, query: ObjectQuery): Promise<KeyPage> {
  const { bucket, prefix, action } = query;
  const response = await call.send({ method: "GET", url: listUrl(query) });
  if (response.status !== 200) throw rejectedError(response, bucket, action, "storage.objects.list");
  const json = jsonIn(response);
  // a page without objects has no items
  const items = property(json, "items") ?? [];
  const next = property(json, "nextPageToken") || undefined;
  if (json === undefined || !Array.isArray(items) || !(next === undefined || typeof next === "string")) {
    throw responseError(action, "the answer must hold the names of objects", response);
  }
  const names: unknown[] = items.map((item) => property(item, "name"));
  const keys = names.flatMap((name) =>
    typeof name === "string" && isBelow(name, prefix) ? name.slice(prefix.length) : []
  );
  return { keys, next };
}

/** Whether a name is longer than the prefix: consoles create an object called like the prefix, to show a folder. */
function isBelow(name: string, prefix: string): boolean {
  return name.startsWith(prefix) && name.length > prefix.length;
}

function listUrl({ bucket, prefix, pageToken }: ObjectQuery): string {
  const parameters = {
    ...(prefix === "" ? {} : { prefix }),
    fields: "items/name,nextPageToken",
    maxResults: String(PAGE_SIZE),
    ...(pageToken === undefined ? {} : { pageToken }),
  };
  const query = Object.entries(parameters).map(([name, value]) => `${name}=${percentEncode(value)}`).join("&");
  return serviceUrl(bucket, bucketPath(bucket), query);
}

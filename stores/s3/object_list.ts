/**
 * Lists the objects of a bucket.
 *
 * @module
 */
import type { HttpCall } from "../http/call.ts";
import { responseError, textIn } from "../http/response.ts";
import { type KeyPage, PAGE_SIZE } from "../listing/key_pages.ts";
import { bucketUrl, rejectedError, type S3Bucket } from "./bucket.ts";
import { decodeKey } from "./object_names.ts";
import { parseXml, textOfChild } from "../http/xml.ts";

/** The objects of one page. */
export interface ObjectQuery {
  readonly bucket: S3Bucket;
  /** The beginning of their names, which is not a part of the keys. */
  readonly prefix: string;
  /** Where the page begins; `undefined` for the first one. */
  readonly token: string | undefined;
  /** The action, as error messages name it after "Cannot". */
  readonly action: string;
}

/** Reads the keys of one page. */
export async function readKeys(call: HttpCall, { bucket, prefix, token, action }: ObjectQuery): Promise<KeyPage> {
  const query = {
    "list-type": "2",
    "max-keys": String(PAGE_SIZE),
    ...(prefix !== "" && { prefix }),
    ...(token !== undefined && { "continuation-token": token }),
  };
  const response = await call.send({ method: "GET", url: bucketUrl(bucket, query) });
  if (response.status !== 200) throw rejectedError(response, bucket, action, "s3:ListBucket");
  const root = parseXml(textIn(response));
  if (root?.name !== "ListBucketResult") {
    throw responseError(action, "the answer must hold the names of objects", response);
  }
  const names = root.children.filter(({ name }) => name === "Contents").map((object) => textOfChild(object, "Key"));
  const isTruncated = textOfChild(root, "IsTruncated") === "true";
  const next = textOfChild(root, "NextContinuationToken");
  if (isTruncated && next === undefined) {
    throw responseError(action, "the answer must say where the next page begins", response);
  }
  return { keys: names.flatMap((name) => keyOf(name, prefix)), next: isTruncated ? next : undefined };
}

/** The key of an object, if it is the record of a task. */
function keyOf(name: string | undefined, prefix: string): readonly string[] {
  const key = name?.startsWith(prefix) ? decodeKey(name.slice(prefix.length)) : undefined;
  return key === undefined ? [] : [key];
}

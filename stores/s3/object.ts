/**
 * Reads and conditional writes of one object.
 *
 * @module
 */
import { cannot } from "../../src/errors.ts";
import type { StatusEntry } from "../../src/store/store.ts";
import type { HttpCall } from "../http/call.ts";
import { storeTimeOf } from "../http/date_header.ts";
import { type HttpResponse, responseError } from "../http/response.ts";
import { objectUrl, rejectedError, type S3Bucket } from "./bucket.ts";
import { errorCode } from "./error_response.ts";

/** An object of a bucket. */
export interface S3Object {
  readonly bucket: S3Bucket;
  readonly name: string;
}

/** A conditional write. */
export interface S3Write {
  readonly object: S3Object;
  readonly value: Uint8Array;
  /** The ETag to replace; `null` if there must be no object. */
  readonly version: string | null;
  /** The action, as error messages name it after "Cannot". */
  readonly action: string;
}

/** Whether a value is a strong ETag, as a header holds it. `*` would stand for every object, and a weak one never matches. */
export function isETag(value: unknown): value is string {
  return typeof value === "string" && /^(?:"[\x21\x23-\x7e]{1,200}"|[\w-]{1,200})$/.test(value);
}

/** Reads an object with its ETag; `null` if there is none. */
export async function readObject(
  call: HttpCall,
  { bucket, name }: S3Object,
  action: string,
): Promise<StatusEntry | null> {
  const response = await call.send({ method: "GET", url: objectUrl(bucket, name), isDeclined: isRequestTimeout });
  if (response.status === 200) {
    return { value: response.body, version: etagIn(response, action), ...storeTimeOf(response.headers) };
  }
  if (response.status === 404 && errorCode(response) === "NoSuchKey") return null;
  // without s3:ListBucket, a missing object is a forbidden one
  throw rejectedError(response, bucket, action, "s3:GetObject or s3:ListBucket");
}

/** Writes an object. Returns its new ETag, or `null` if the condition does not hold. */
export async function writeObject(call: HttpCall, write: S3Write): Promise<string | null> {
  const { object: { bucket, name }, value, version, action } = write;
  const condition = version === null ? { "if-none-match": "*" } : { "if-match": version };
  const headers = { ...condition, "content-type": "application/json", "cache-control": "no-store" };
  const response = await call.send({
    method: "PUT",
    url: objectUrl(bucket, name),
    headers,
    body: value,
    isDeclined: (response) => isOtherWriteInProgress(response) || isRequestTimeout(response),
  });
  if (response.status === 200) return etagIn(response, action);
  if (isConflict(response, version)) {
    // it may be one with an earlier attempt of this call
    if (call.mayHaveWritten) throw responseError(action, "an earlier attempt may have been written", response);
    return null;
  }
  throw rejectedError(response, bucket, action, version === null ? "s3:PutObject" : "s3:PutObject and s3:GetObject");
}

/** Whether the object is no longer at the version. */
function isConflict(response: HttpResponse, version: string | null): boolean {
  if (response.status === 404) return version !== null && errorCode(response) === "NoSuchKey";
  return response.status === 412;
}

/**
 * Whether another write was in progress. This one was not made, but neither is it lost, as the other may fail: so it is repeated
 * with the same condition.
 */
function isOtherWriteInProgress(response: HttpResponse): boolean {
  const code = errorCode(response);
  return response.status === 409 && (code === "ConditionalRequestConflict" || code === "OperationAborted");
}

/** Whether the service did not receive the whole request in time, which it answers with status 400. */
function isRequestTimeout(response: HttpResponse): boolean {
  return response.status === 400 && errorCode(response) === "RequestTimeout";
}

function etagIn(response: HttpResponse, action: string): string {
  const etag = response.headers.get("etag");
  if (isETag(etag)) return etag;
  throw new Error(cannot(action, "the answer must hold a strong ETag", etag));
}

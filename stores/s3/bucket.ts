/**
 * A bucket, the addresses of its objects, and why a request about it was rejected.
 *
 * @module
 */
import { systemClock } from "../../src/time/clock.ts";
import { dateHeaderMs } from "../http/date_header.ts";
import { type HttpResponse, responseError } from "../http/response.ts";
import { percentEncode } from "../http/url.ts";
import { errorCode, errorField } from "./error_response.ts";

/** A bucket, and how to address it. */
export interface S3Bucket {
  readonly bucket: string;
  /** The address of the bucket without a slash at its end. */
  readonly url: string;
  /** The region in signatures. */
  readonly region: string;
}

/** The address of an object of a bucket. Slashes in its name are not encoded, as signatures have them like that. */
export function objectUrl({ url }: S3Bucket, name: string): string {
  return `${url}/${percentEncode(name).replaceAll("%2F", "/")}`;
}

/** The address of a bucket, with a query. */
export function bucketUrl({ url }: S3Bucket, query: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(query).map(([name, value]) => `${name}=${percentEncode(value)}`).join("&");
  return `${hasPath(url) ? url : `${url}/`}?${pairs}`;
}

function hasPath(url: string): boolean {
  return new URL(url).pathname !== "/";
}

/** The error of a response that no retry would change. */
export function rejectedError(response: HttpResponse, bucket: S3Bucket, action: string, permissions: string): Error {
  return responseError(action, problemOf(response, bucket, permissions), response);
}

function problemOf(response: HttpResponse, bucket: S3Bucket, permissions: string): string {
  switch (errorCode(response)) {
    case "NoSuchBucket":
      return `there is no bucket "${bucket.bucket}"`;
    case "AccessDenied":
      return `the credentials may lack ${permissions}`;
    case "SignatureDoesNotMatch":
      return "the service does not accept the signature, so the secret access key may be wrong";
    case "ExpiredToken":
    case "InvalidAccessKeyId":
    case "InvalidToken":
    case "TokenRefreshRequired":
      return "the service does not accept the credentials";
    case "RequestTimeTooSkewed":
      return `this machine's clock is wrong${clockSkew(response)}`;
    case "NotImplemented":
      return "the service can't do this; it may lack conditional writes, which the store needs";
    default:
      return otherRegion(response, bucket) ?? problemOfStatus(response, permissions);
  }
}

function problemOfStatus({ status }: HttpResponse, permissions: string): string {
  if (status === 403) return `the credentials may lack ${permissions}`;
  if (status === 401) return "the service does not accept the credentials";
  return "the service rejected the request";
}

/** A redirect, or an error that names the region of the bucket: `region` or `endpoint` is wrong. */
function otherRegion(response: HttpResponse, { bucket, region }: S3Bucket): string | undefined {
  const isRedirect = response.status >= 300 && response.status < 400;
  const named = errorField(response, "Region") ?? response.headers.get("x-amz-bucket-region") ?? undefined;
  if (named !== undefined && named !== region) {
    return `the bucket "${bucket}" must be addressed in the region "${named}", not in "${region}"`;
  }
  const endpoint = errorField(response, "Endpoint");
  if (isRedirect && endpoint !== undefined) return `the bucket "${bucket}" must be addressed at "${endpoint}"`;
  return isRedirect ? `the bucket "${bucket}" may be in another region than "${region}"` : undefined;
}

/** How far this machine's clock is from the server's, as servers reject requests that seem old. */
function clockSkew({ headers }: HttpResponse): string {
  const serverTimeMs = dateHeaderMs(headers);
  if (serverTimeMs === undefined) return "";
  const skewMs = systemClock.nowMs() - serverTimeMs;
  return `: it is ${Math.round(Math.abs(skewMs) / 1_000)} s ${skewMs > 0 ? "ahead of" : "behind"} the server's`;
}

/**
 * Requests about a bucket, and the meaning of their responses.
 *
 * @module
 */
import { type HttpResponse, responseError } from "../http/response.ts";
import { percentEncode } from "../http/url.ts";

/** A bucket, and how to send requests about it. */
export interface GcsBucket {
  /** The address of the service without a slash at its end. */
  readonly endpoint: string;
  readonly bucket: string;
  /** The project that is billed, if it is not the one of the bucket. */
  readonly userProject: string | undefined;
}

/** The path of the objects of a bucket. */
export function bucketPath({ bucket }: GcsBucket): string {
  return `/storage/v1/b/${percentEncode(bucket)}/o`;
}

/** The URL of a request about a bucket. */
export function serviceUrl({ endpoint, userProject }: GcsBucket, path: string, query: string): string {
  const billing = userProject === undefined ? "" : `&userProject=${percentEncode(userProject)}`;
  return `${endpoint}${path}?${query}${billing}`;
}

/** The error of a response that no retry would change. */
export function rejectedError(
  response: HttpResponse,
  { bucket }: GcsBucket,
  action: string,
  permissions: string,
): Error {
  switch (response.status) {
    case 400:
      return responseError(action, `Cloud Storage rejected the request, maybe for lack of ${permissions}`, response);
    case 401: {
      const isSignedIn = response.secret !== undefined;
      const problem = isSignedIn ? "does not accept the access token" : "requires a sign-in";
      return responseError(action, `Cloud Storage ${problem}`, response);
    }
    case 403:
      return responseError(action, `the account may lack ${permissions} on the bucket`, response);
    case 404:
      return responseError(action, `there is no bucket "${bucket}"`, response);
    default:
      return responseError(action, "Cloud Storage rejected the request", response);
  }
}

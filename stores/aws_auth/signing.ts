/**
 * Signs requests with AWS Signature Version 4.
 *
 * @module
 */
import { AwsV4Signer } from "aws4fetch";
import type { HttpRequest } from "../http/request.ts";
import type { SigningKeys } from "./credentials.ts";

/** Derived keys of a day, each for one secret. */
export type DerivedKeys = Map<string, ArrayBuffer>;

/** More are kept only by a mistake: there is one for each day and each secret. */
const MAX_DERIVED_KEYS = 8;

/**
 * Signs a request: its method, address, headers and body.
 *
 * @param request The request.
 * @param keys The credentials.
 * @param scope The service and the region in the signature.
 * @param derived Keeps keys between requests.
 * @returns The request with its signature.
 */
export async function signRequest(
  request: HttpRequest,
  keys: SigningKeys,
  scope: { readonly service: string; readonly region: string },
  derived: DerivedKeys,
): Promise<HttpRequest> {
  if (derived.size > MAX_DERIVED_KEYS) derived.clear();
  const { method, url, body } = request;
  const { accessKeyId, secretAccessKey, sessionToken } = keys;
  const signer = new AwsV4Signer({
    method,
    url,
    headers: { ...request.headers, "x-amz-content-sha256": await sha256(body ?? new Uint8Array()) },
    accessKeyId,
    secretAccessKey,
    ...(sessionToken !== undefined && { sessionToken }),
    ...scope,
    cache: derived,
  });
  const signed = await signer.sign();
  const headers = Object.fromEntries([...signed.headers].map(([name, value]) => [name.toLowerCase(), value]));
  // not signed, as proxies change it; a compressed body would have another ETag
  return { ...request, url: signed.url.href, headers: { ...headers, "accept-encoding": "identity" } };
}

async function sha256(bytes: Uint8Array): Promise<string> {
  // some runtimes declare that the bytes must not be shared memory
  const digest = await crypto.subtle.digest("SHA-256", bytes as Uint8Array<ArrayBuffer>);
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * A fake of S3. It has the methods that a store calls, and checks requests strictly by the documentation of the REST API.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { type FakeReply, type FakeRequest, FaultService } from "./fault_service.ts";
import { isSignedWith, signatureOf, signedMs } from "./s3_signature.ts";

/** An object. */
export interface FakeS3Object {
  readonly value: Uint8Array;
  readonly etag: string;
  /** The headers of the upload that belong to the object. */
  readonly headers: Readonly<Record<string, string>>;
}

/** An error that a method returns. */
class S3Error extends Error {
  readonly reply: FakeReply;

  constructor(status: number, code: string, message: string, fields: Readonly<Record<string, string>> = {}) {
    super(message);
    this.reply = { status, headers: { "content-type": "application/xml" }, body: errorBody(code, message, fields) };
  }
}

/** The body of an error. */
export function errorBody(code: string, message = "", fields: Readonly<Record<string, string>> = {}): string {
  const all = { Code: code, Message: message, ...fields, RequestId: "4442587FB7D0A2F9" };
  const elements = Object.entries(all).map(([name, text]) => `<${name}>${escaped(text)}</${name}>`).join("");
  return `<?xml version="1.0" encoding="UTF-8"?>\n<Error>${elements}</Error>`;
}

/** The keys that the fake accepts. */
export const FAKE_KEYS = { accessKeyId: "AKIAEXAMPLE", secretAccessKey: "wJalr/XUtnFEMI+K7MDENG" } as const;

const MAX_SKEW_MS = 900_000;
const MAX_NAME_BYTES = 1_024;
const MAX_KEYS = 1_000;

/** An S3 in memory. */
export class FakeS3 extends FaultService {
  /** The objects by bucket and name. */
  readonly buckets: Map<string, Map<string, FakeS3Object>> = new Map([["bucket", new Map()]]);
  /** The secrets by the id of the key. */
  readonly secrets: Map<string, string> = new Map([[FAKE_KEYS.accessKeyId, FAKE_KEYS.secretAccessKey]]);
  /** The valid session tokens. If absent, requests must have none. */
  sessionTokens: Set<string> | undefined;
  region = "us-east-1";
  /** The host below which buckets have hosts of their own. */
  host: string | undefined;
  /** Whether it accepts a write whose `If-Match` does not hold, as servers do that do not know the header. */
  ignoresIfMatch = false;
  /** Whether it accepts a write whose `If-None-Match` does not hold. */
  ignoresIfNoneMatch = false;
  /** Whether a missing object is a forbidden one, as for keys without s3:ListBucket. */
  hidesMissing = false;

  /** Returns an object without a request. */
  object(name: string, bucket = "bucket"): FakeS3Object | undefined {
    return this.buckets.get(bucket)?.get(name);
  }

  /** Writes an object, as another program would. Returns its ETag. */
  put(name: string, value: Uint8Array | string, headers: Record<string, string> = {}, bucket = "bucket"): string {
    const bytes = typeof value === "string" ? new TextEncoder().encode(value) : value.slice();
    const etag = `"${createHash("md5").update(bytes).digest("hex")}"`;
    this.buckets.get(bucket)?.set(name, { value: bytes, etag, headers });
    return etag;
  }

  protected override handle(request: FakeRequest): FakeReply {
    try {
      this.#authorize(request);
      return this.#route(request);
    } catch (error) {
      if (error instanceof S3Error) return error.reply;
      throw error;
    }
  }

  #authorize(request: FakeRequest): void {
    const signature = signatureOf(request);
    if (!signature) throw new S3Error(403, "AccessDenied", "Access Denied");
    const token = request.headers.get("x-amz-security-token");
    if (this.sessionTokens ? !this.sessionTokens.has(token ?? "") : token !== null) {
      const code = this.sessionTokens && token ? "ExpiredToken" : "InvalidToken";
      throw new S3Error(400, code, "The provided token is not valid.", { "Token-0": token ?? "" });
    }
    if (signature.region !== this.region) {
      const message = `The authorization header is malformed; the region '${signature.region}' is wrong`;
      throw new S3Error(400, "AuthorizationHeaderMalformed", message, { Region: this.region });
    }
    if (!(Math.abs(signedMs(request) - this.nowMs()) <= MAX_SKEW_MS)) {
      throw new S3Error(
        403,
        "RequestTimeTooSkewed",
        "The difference between the request time and the current time is too large.",
      );
    }
    const secret = this.secrets.get(signature.accessKeyId);
    if (secret === undefined) {
      const message = "The AWS Access Key Id you provided does not exist in our records.";
      throw new S3Error(403, "InvalidAccessKeyId", message, { AWSAccessKeyId: signature.accessKeyId });
    }
    if (!isSignedWith(request, signature, secret)) {
      throw new S3Error(403, "SignatureDoesNotMatch", "The request signature we calculated does not match.", {
        CanonicalRequest: `x-amz-security-token:${token}`,
      });
    }
  }

  #route(request: FakeRequest): FakeReply {
    const [path = "", search = ""] = request.target.split("?");
    const { bucket, name } = this.#addressOf(request.headers.get("host") ?? "", path);
    const objects = this.buckets.get(bucket);
    if (!objects) throw new S3Error(404, "NoSuchBucket", "The specified bucket does not exist", { BucketName: bucket });
    if (request.method === "GET" && name === "") return listOf(objects, queryOf(search));
    if (search !== "" || name === "") throw new S3Error(501, "NotImplemented", "Not implemented");
    if (new TextEncoder().encode(name).length > MAX_NAME_BYTES) {
      throw new S3Error(400, "KeyTooLongError", "Your key is too long");
    }
    if (request.method === "GET") return this.#read(objects, name);
    if (request.method === "PUT") return this.#write(request, objects, bucket, name);
    throw new S3Error(405, "MethodNotAllowed", "The specified method is not allowed against this resource.");
  }

  /** The bucket and the object of an address, in whose path or host the bucket is. */
  #addressOf(host: string, path: string): { readonly bucket: string; readonly name: string } {
    const suffix = `.${this.host}`;
    if (this.host !== undefined && host.endsWith(suffix)) {
      return { bucket: host.slice(0, -suffix.length), name: decoded(path.slice(1)) };
    }
    const [, bucket = "", name = ""] = /^\/([^/]*)\/?(.*)$/s.exec(path) ?? [];
    return { bucket: decoded(bucket), name: decoded(name) };
  }

  #read(objects: ReadonlyMap<string, FakeS3Object>, name: string): FakeReply {
    const object = objects.get(name);
    if (!object && this.hidesMissing) throw new S3Error(403, "AccessDenied", "Access Denied");
    if (!object) throw new S3Error(404, "NoSuchKey", "The specified key does not exist.", { Key: name });
    return { status: 200, headers: { ...object.headers, etag: object.etag }, body: object.value };
  }

  #write(request: FakeRequest, objects: ReadonlyMap<string, FakeS3Object>, bucket: string, name: string): FakeReply {
    const { headers, body } = request;
    const current = objects.get(name);
    const [ifMatch, ifNoneMatch] = [headers.get("if-match"), headers.get("if-none-match")];
    if (ifNoneMatch !== null && ifNoneMatch !== "*") throw new S3Error(501, "NotImplemented", "Only * is allowed");
    if (ifMatch !== null && !this.ignoresIfMatch && current === undefined) {
      throw new S3Error(404, "NoSuchKey", "The specified key does not exist.", { Key: name });
    }
    const isMismatch = ifMatch !== null && !this.ignoresIfMatch && ifMatch !== current?.etag;
    const exists = ifNoneMatch !== null && !this.ignoresIfNoneMatch && current !== undefined;
    if (isMismatch || exists) {
      const message = "At least one of the pre-conditions you specified did not hold";
      throw new S3Error(412, "PreconditionFailed", message, {
        Condition: ifMatch === null ? "If-None-Match" : "If-Match",
      });
    }
    const kept = ["content-type", "cache-control"].flatMap((name) => {
      const value = headers.get(name);
      return value === null ? [] : [[name, value]];
    });
    return { status: 200, headers: { etag: this.put(name, body, Object.fromEntries(kept), bucket) } };
  }
}

const PARAMETERS = ["list-type", "max-keys", "prefix", "continuation-token"];

function queryOf(search: string): ReadonlyMap<string, string> {
  const query = new Map<string, string>();
  for (const pair of search === "" ? [] : search.split("&")) {
    const [name = "", value = "", ...more] = pair.split("=");
    if (!PARAMETERS.includes(name) || query.has(name) || more.length > 0) {
      throw new S3Error(400, "InvalidArgument", `Unknown or repeated: ${pair}`);
    }
    query.set(name, decoded(value));
  }
  if (query.get("list-type") !== "2") throw new S3Error(501, "NotImplemented", "Only version 2 of listings");
  return query;
}

/** Lists the names of objects in the order of their UTF-8. */
function listOf(objects: ReadonlyMap<string, FakeS3Object>, query: ReadonlyMap<string, string>): FakeReply {
  const latin1 = (name: string): string =>
    Array.from(new TextEncoder().encode(name), (byte) => String.fromCharCode(byte)).join("");
  const prefix = query.get("prefix") ?? "";
  const maxKeys = Math.min(Number(query.get("max-keys") ?? MAX_KEYS), MAX_KEYS);
  const start = atob(query.get("continuation-token") ?? "");
  const names = [...objects.keys()].filter((name) => name.startsWith(prefix) && latin1(name) >= start)
    .toSorted((one, other) => latin1(one) < latin1(other) ? -1 : 1);
  const next = names[maxKeys];
  const contents = names.slice(0, maxKeys).map((name) =>
    `<Contents><Key>${escaped(name)}</Key><LastModified>2026-01-31T12:00:00.000Z</LastModified>` +
    `<ETag>${escaped(objects.get(name)?.etag ?? "")}</ETag><Size>1</Size></Contents>`
  );
  const token = next === undefined ? "" : `<NextContinuationToken>${btoa(latin1(next))}</NextContinuationToken>`;
  const body = `<?xml version="1.0" encoding="UTF-8"?>\n` +
    `<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>bucket</Name><Prefix>${
      escaped(prefix)
    }</Prefix>` +
    `<IsTruncated>${next !== undefined}</IsTruncated>${token}${contents.join("")}</ListBucketResult>`;
  return { status: 200, headers: { "content-type": "application/xml" }, body };
}

/** Decodes once. Throws if a reserved character is not encoded. */
function decoded(text: string): string {
  if (!/^(?:[\w.~/-]|%[0-9A-F]{2})*$/.test(text)) throw new S3Error(400, "InvalidURI", `Not percent-encoded: ${text}`);
  try {
    return decodeURIComponent(text);
  } catch {
    throw new S3Error(400, "InvalidURI", `Not UTF-8: ${text}`);
  }
}

const ESCAPES: Readonly<Record<string, string>> = {
  "<": "&lt;",
  ">": "&gt;",
  "&": "&amp;",
  '"': "&quot;",
  "'": "&#39;",
};

function escaped(text: string): string {
  // deno-lint-ignore no-control-regex
  return text.replace(/[<>&"'\x00-\x1f\x7f]/g, (sign) => ESCAPES[sign] ?? `&#x${sign.charCodeAt(0).toString(16)};`);
}

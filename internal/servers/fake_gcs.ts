/**
 * A fake of Cloud Storage. It has the methods that a store calls, and checks requests strictly by the documentation of the JSON API.
 *
 * @module
 */
import { type FakeReply, type FakeRequest, FaultService } from "./fault_service.ts";

/** An object. */
export interface FakeObject {
  readonly value: Uint8Array;
  readonly generation: string;
  /** The metadata of the upload, without the name. */
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly writtenMs: number;
}

/** An error that a method returns. */
class ServiceError extends Error {
  readonly reply: FakeReply;

  constructor(status: number, reason: string, message: string, isMedia = false) {
    super(message);
    const error = { code: status, message, errors: [{ domain: "global", reason, message }] };
    // downloads return errors as plain text
    this.reply = isMedia
      ? { status, headers: { "content-type": "text/html; charset=UTF-8" }, body: message }
      : { status, headers: { "content-type": "application/json; charset=UTF-8" }, body: JSON.stringify({ error }) };
  }
}

const ENCODED = /^(?:[\w.~-]|%[0-9A-F]{2})+$/;
const OBJECT_PATH = /^\/storage\/v1\/b\/([^/]+)\/o\/([^/]+)$/;
const LIST_PATH = /^\/storage\/v1\/b\/([^/]+)\/o$/;
const UPLOAD_PATH = /^\/upload\/storage\/v1\/b\/([^/]+)\/o$/;

/** A Cloud Storage in memory. */
export class FakeGcs extends FaultService {
  /** The objects by bucket and name. */
  readonly buckets: Map<string, Map<string, FakeObject>> = new Map([["bucket", new Map()]]);
  /** The valid tokens. If absent, requests need none. */
  tokens: Set<string> | undefined;
  /** Whether requests must name the project that is billed. */
  isRequesterPays = false;
  /** Whether it limits writes to one a second for each object. The limit comes before the conditions. */
  isRateLimited = false;
  /** The status of a write whose condition needs an object that does not exist. */
  missingStatus: 404 | 412 = 412;
  /** The next generation, with more digits than a number holds. */
  #generation = 2n ** 53n + 1n;

  /** Returns an object without a request. */
  object(name: string, bucket = "bucket"): FakeObject | undefined {
    return this.buckets.get(bucket)?.get(name);
  }

  /** Writes an object, as another program would. Returns its generation. */
  put(name: string, value: Uint8Array | string, metadata: Record<string, unknown> = {}, bucket = "bucket"): string {
    const generation = String(this.#generation);
    this.#generation += 2n;
    const bytes = typeof value === "string" ? new TextEncoder().encode(value) : value.slice();
    this.buckets.get(bucket)?.set(name, { value: bytes, generation, metadata, writtenMs: this.nowMs() });
    return generation;
  }

  protected override handle(request: FakeRequest): FakeReply {
    try {
      return this.#route(request);
    } catch (error) {
      if (error instanceof ServiceError) return error.reply;
      throw error;
    }
  }

  #route(request: FakeRequest): FakeReply {
    const [path = "", search = ""] = request.target.split("?");
    const query = queryOf(search);
    const isMedia = query.get("alt") === "media";
    if (request.method === "POST" && path === "/storage/v1/b") return this.#createBucket(request);
    const upload = UPLOAD_PATH.exec(path);
    const object = OBJECT_PATH.exec(path);
    const list = LIST_PATH.exec(path);
    this.#authorize(request, query);
    const [, bucket = "", name = ""] = upload ?? object ?? list ?? [];
    const objects = this.buckets.get(decoded(bucket));
    if (!objects) throw new ServiceError(404, "notFound", "The specified bucket does not exist.", isMedia);
    if (request.method === "POST" && upload) return this.#upload(request, objects, query, decoded(bucket));
    if (request.method === "GET" && list) return listOf(objects, query);
    if (request.method === "GET" && object) return read(objects, decoded(name), query);
    throw new ServiceError(405, "methodNotAllowed", "Not allowed");
  }

  #authorize({ headers }: FakeRequest, query: ReadonlyMap<string, string>): void {
    const authorization = headers.get("authorization");
    if (this.tokens && ![...this.tokens].some((token) => authorization === `Bearer ${token}`)) {
      throw new ServiceError(401, "authError", "Invalid Credentials", query.get("alt") === "media");
    }
    if (this.isRequesterPays && !query.has("userProject")) {
      throw new ServiceError(
        400,
        "userProjectMissing",
        "Bucket is a requester pays bucket but no user project provided.",
      );
    }
  }

  #createBucket({ body }: FakeRequest): FakeReply {
    const { name } = JSON.parse(new TextDecoder().decode(body)) as { name: string };
    this.buckets.set(name, new Map());
    return json({ name });
  }

  #upload(
    request: FakeRequest,
    objects: ReadonlyMap<string, FakeObject>,
    query: ReadonlyMap<string, string>,
    bucket: string,
  ): FakeReply {
    if (query.get("uploadType") !== "multipart") throw new ServiceError(400, "required", "uploadType");
    const { name, metadata, value } = multipartOf(request);
    const current = objects.get(name);
    if (this.isRateLimited && current && this.nowMs() - current.writtenMs < 1_000) {
      throw new ServiceError(
        429,
        "rateLimitExceeded",
        "The object exceeded the rate limit for object mutation operations",
      );
    }
    const condition = query.get("ifGenerationMatch");
    if (condition !== undefined && !/^\d+$/.test(condition)) throw new ServiceError(400, "invalidParameter", condition);
    if (condition !== undefined && condition !== (current?.generation ?? "0")) {
      const status = current || condition === "0" ? 412 : this.missingStatus;
      throw new ServiceError(
        status,
        "conditionNotMet",
        "At least one of the pre-conditions you specified did not hold.",
      );
    }
    const generation = this.put(name, value, metadata, bucket);
    return json(query.get("fields") === "generation" ? { generation } : { kind: "storage#object", name, generation });
  }
}

function read(objects: ReadonlyMap<string, FakeObject>, name: string, query: ReadonlyMap<string, string>): FakeReply {
  const alt = query.get("alt") ?? "json";
  const object = objects.get(name);
  const generation = query.get("generation") ?? object?.generation;
  if (!object || generation !== object.generation) {
    throw new ServiceError(404, "notFound", `No such object: ${name}`, alt === "media");
  }
  if (alt === "json") {
    return json(query.get("fields") === "generation" ? { generation } : { kind: "storage#object", name, generation });
  }
  if (alt !== "media") throw new ServiceError(400, "invalidAltValue", alt);
  return {
    status: 200,
    headers: { "content-type": String(object.metadata["contentType"]), "x-goog-generation": object.generation },
    body: object.value,
  };
}

/** The longest page of the service. */
const MAX_RESULTS = 1_000;

/** The fields of a list that the store asks for. */
const LIST_FIELDS = ["items/name,nextPageToken", "items(name,generation),nextPageToken"];

/** Lists the names of objects in the order of their UTF-8. */
function listOf(objects: ReadonlyMap<string, FakeObject>, query: ReadonlyMap<string, string>): FakeReply {
  const prefix = query.get("prefix") ?? "";
  const maxResults = query.get("maxResults") ?? String(MAX_RESULTS);
  if (!/^[1-9]\d*$/.test(maxResults)) throw new ServiceError(400, "invalidParameter", `maxResults ${maxResults}`);
  const fields = query.get("fields") ?? "";
  if (!LIST_FIELDS.includes(fields)) throw new ServiceError(400, "invalidParameter", "fields");
  const start = query.has("pageToken") ? atob(query.get("pageToken") ?? "") : "";
  const latin1 = (name: string): string =>
    Array.from(new TextEncoder().encode(name), (byte) => String.fromCharCode(byte)).join("");
  const names = [...objects.keys()].filter((name) => name.startsWith(prefix) && latin1(name) >= start)
    .toSorted((one, other) => latin1(one) < latin1(other) ? -1 : 1);
  const items = names.slice(0, Math.min(Number(maxResults), MAX_RESULTS)).map((name) => ({
    name,
    ...(fields === LIST_FIELDS[1] && { generation: objects.get(name)?.generation }),
  }));
  const next = names[items.length];
  return json({
    ...(next === undefined ? {} : { nextPageToken: btoa(latin1(next)) }),
    ...(items.length === 0 ? {} : { items }),
  });
}

function json(value: unknown): FakeReply {
  return { status: 200, headers: { "content-type": "application/json; charset=UTF-8" }, body: JSON.stringify(value) };
}

/** Decodes once. Throws if a reserved character is not encoded. */
function decoded(text: string): string {
  if (!ENCODED.test(text)) throw new ServiceError(400, "invalid", `Not percent-encoded: ${text}`);
  try {
    return decodeURIComponent(text);
  } catch {
    throw new ServiceError(400, "invalid", `Not UTF-8: ${text}`);
  }
}

const PARAMETERS = [
  ...["alt", "fields", "generation", "ifGenerationMatch", "maxResults", "pageToken", "prefix", "project", "uploadType"],
  "userProject",
];

function queryOf(search: string): ReadonlyMap<string, string> {
  const query = new Map<string, string>();
  for (const pair of search === "" ? [] : search.split("&")) {
    const [name = "", value = "", ...more] = pair.split("=");
    if (!PARAMETERS.includes(name) || query.has(name) || more.length > 0) {
      throw new ServiceError(400, "invalidParameter", `Unknown or repeated: ${pair}`);
    }
    query.set(name, decoded(value));
  }
  return query;
}

/** The two parts of an upload. */
function multipartOf({ headers, body }: FakeRequest): {
  readonly name: string;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly value: Uint8Array;
} {
  const invalid = (what: string): ServiceError => new ServiceError(400, "parseError", what);
  const [, boundary] =
    /^multipart\/related; boundary=([\w'()+,./:=?-]{1,70})$/.exec(headers.get("content-type") ?? "") ??
      [];
  if (boundary === undefined) throw invalid("No boundary");
  // latin1: one character for each byte
  const text = Array.from(body, (byte) => String.fromCharCode(byte)).join("");
  const [begin, end] = [`--${boundary}\r\n`, `\r\n--${boundary}--\r\n`];
  if (!text.startsWith(begin) || !text.endsWith(end)) throw invalid("The body does not match its boundary");
  const parts = text.slice(begin.length, -end.length).split(`\r\n${begin}`).map((part) => {
    const [head = "", ...rest] = part.split("\r\n\r\n");
    const type = /^content-type: *(\S+?)(?:;.*)?$/im.exec(head)?.[1];
    const bytes = Uint8Array.from(rest.join("\r\n\r\n"), (character) => character.charCodeAt(0));
    return { type, bytes };
  });
  const [first, second] = parts;
  if (parts.length !== 2 || !first || !second) throw invalid("There must be two parts");
  if (first.type !== "application/json" || !second.type) throw invalid("The parts lack their types");
  const { name, ...metadata } = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(first.bytes));
  if (typeof name !== "string" || name === "") throw new ServiceError(400, "required", "No name");
  return { name, metadata: { contentType: second.type, ...metadata }, value: second.bytes };
}

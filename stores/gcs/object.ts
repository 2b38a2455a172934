/**
 * Reads and conditional writes of one object.
 *
 * @module
 */
import { cannot } from "../../src/errors.ts";
import { newId } from "../../src/record/ids.ts";
import type { StatusEntry } from "../../src/store/store.ts";
import type { HttpCall } from "../http/call.ts";
import { storeTimeOf } from "../http/date_header.ts";
import { type HttpResponse, jsonIn, property, responseError, textIn } from "../http/response.ts";
import { percentEncode } from "../http/url.ts";
import { bucketPath, type GcsBucket, rejectedError, serviceUrl } from "./bucket.ts";
import { multipartBody } from "./multipart_body.ts";

/** An object of a bucket. */
export interface GcsObject extends GcsBucket {
  readonly name: string;
  /** The object's URI, as messages show it. */
  readonly uri: string;
}

/** A conditional write. */
export interface GcsWrite {
  readonly object: GcsObject;
  readonly value: Uint8Array;
  /** The generation to replace; `null` if there must be no object. */
  readonly version: string | null;
  /** The action, as error messages name it after "Cannot". */
  readonly action: string;
}

/** How often a read is repeated because the object was replaced between its two requests. */
const MAX_REREADS = 3;

/** Whether a value is a generation: a positive 64-bit integer as a string. */
export function isGeneration(value: unknown): value is string {
  return typeof value === "string" && /^[1-9]\d{0,18}$/.test(value);
}

/** Reads an object with its generation; `null` if there is none. */
export async function readObject(call: HttpCall, object: GcsObject, action: string): Promise<StatusEntry | null> {
  let generation: string | undefined;
  for (let rereads = 0; rereads <= MAX_REREADS; rereads++) {
    const query = generation === undefined ? "alt=media" : `alt=media&generation=${generation}`;
    const response = await call.send({ method: "GET", url: objectUrl(object, query) });
    if (response.status === 200) {
      const header = response.headers.get("x-goog-generation");
      const version = isGeneration(header) ? header : generation;
      if (version !== undefined) return { value: response.body, version, ...storeTimeOf(response.headers) };
    } else if (response.status !== 404) {
      throw rejectedError(response, object, action, "storage.objects.get");
    } else if (generation === undefined) {
      return null;
    }
    // without the header, the generation is requested first, and then its content
    const current = await readGeneration(call, object, action);
    if (current === null) return null;
    generation = current;
  }
  throw new Error(cannot(action, `it was replaced during each of ${MAX_REREADS + 1} reads`, generation));
}

/** Writes an object. Returns its new generation, or `null` if the condition does not hold. */
export async function writeObject(call: HttpCall, write: GcsWrite): Promise<string | null> {
  const { object, version, action } = write;
  const { contentType, body } = multipartBody({ name: object.name, cacheControl: "no-store" }, write.value);
  // retries send the same token
  const headers = { "content-type": contentType, "x-goog-gcs-idempotency-token": newId() };
  const response = await call.send(
    { method: "POST", url: uploadUrl(object, version), headers, body },
    (transient) => conflictBehind(transient, call, write),
  );
  if (response === "conflict") return null;
  if (response.status === 200) return generationIn(response, action);
  if (isConflict(response, version)) {
    throwIfWritten(call, response, action);
    return null;
  }
  const permissions = version === null ? "storage.objects.create" : "storage.objects.create and storage.objects.delete";
  throw rejectedError(response, object, action, permissions);
}

/** Finds a conflict behind HTTP 429: an object takes one write a second, so many writers may hide that one has succeeded. */
async function conflictBehind(
  response: HttpResponse,
  call: HttpCall,
  { object, version, action }: GcsWrite,
): Promise<"conflict" | undefined> {
  if (response.status !== 429) return undefined;
  if (await readGeneration(call, object, action) === version) return undefined;
  throwIfWritten(call, response, action);
  return "conflict";
}

/** A conflict after an attempt without an answer may be one with that attempt. */
function throwIfWritten(call: HttpCall, response: HttpResponse, action: string): void {
  if (call.mayHaveWritten) throw responseError(action, "an earlier attempt may have been written", response);
}

/** Whether a response says that the object is no longer at the version. */
function isConflict(response: HttpResponse, version: string | null): boolean {
  if (response.status === 404) return version !== null;
  if (response.status !== 412) return false;
  const [, reason] = /"reason": *"(\w+)"/.exec(textIn(response)) ?? [];
  const otherCondition = "orgPolicyConstraintFailed";
  return reason !== otherCondition;
}

async function readGeneration(call: HttpCall, object: GcsObject, action: string): Promise<string | null> {
  const response = await call.send({ method: "GET", url: objectUrl(object, "fields=generation") });
  if (response.status === 404) return null;
  if (response.status !== 200) throw rejectedError(response, object, action, "storage.objects.get");
  return generationIn(response, action);
}

function generationIn(response: HttpResponse, action: string): string {
  const generation = property(jsonIn(response), "generation");
  if (isGeneration(generation)) return generation;
  throw new Error(cannot(action, "the answer must hold a generation", generation));
}

function objectUrl(object: GcsObject, query: string): string {
  return serviceUrl(object, `${bucketPath(object)}/${percentEncode(object.name)}`, query);
}

function uploadUrl(object: GcsObject, version: string | null): string {
  const query = `uploadType=multipart&ifGenerationMatch=${version ?? "0"}&fields=generation`;
  return serviceUrl(object, `/upload${bucketPath(object)}`, query);
}

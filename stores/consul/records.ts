/**
 * Reads, conditional writes and listings of Consul's keys.
 *
 * @module
 */
import type { StatusEntry } from "../../src/store/store.ts";
import { base64Of, bytesOfBase64 } from "../http/base64.ts";
import type { HttpCall } from "../http/call.ts";
import { type HttpResponse, jsonIn, property, responseError } from "../http/response.ts";
import { percentEncode } from "../http/url.ts";
import { nameIn } from "./keys.ts";
import { type ConsulService, rejectedError } from "./service.ts";

/** A conditional write. */
export interface ConsulWrite {
  readonly key: string;
  readonly value: Uint8Array;
  /** The index to replace; `null` if there must be no key. */
  readonly version: string | null;
}

/** Consul lists all keys in one answer: room for some 100,000. */
const MAX_LIST_BYTES = 67_108_864;

/** How many different flags there are. */
const FLAGS = 2 ** 32;

/** Whether a value is an index: a positive integer as a string, which JSON can hold as a number. */
export function isIndex(value: unknown): value is string {
  return typeof value === "string" && /^[1-9]\d{0,15}$/.test(value) && Number.isSafeInteger(Number(value));
}

/** The path of a key in URLs. */
export function pathOf(key: string): string {
  return `/v1/kv/${percentEncode(key).replaceAll("%2F", "/")}`;
}

/** Reads a record; `null` if there is none. */
export async function readRecord(
  call: HttpCall,
  service: ConsulService,
  key: string,
  action: string,
): Promise<StatusEntry | null> {
  const response = await call.send({ method: "GET", url: service.url(pathOf(key), "consistent") });
  if (isMissing(response)) return null;
  if (response.status !== 200) throw rejectedError(response, action, "key:read for the key");
  const json = jsonIn(response);
  const entry = Array.isArray(json) ? json[0] : undefined;
  const version = String(property(entry, "ModifyIndex"));
  // an empty value is null
  const value = bytesOfBase64(property(entry, "Value") ?? "");
  if (value && isIndex(version)) return { value, version };
  throw responseError(action, "the answer must hold a value and its ModifyIndex", response);
}

/** Whether there is no such key. The 404 of another server has no index. */
export function isMissing({ status, headers }: HttpResponse): boolean {
  return status === 404 && headers.has("x-consul-index");
}

/** Writes a record in a transaction, as its answer has the new index. Returns it, or `null` if the condition does not hold. */
export async function writeRecord(
  call: HttpCall,
  service: ConsulService,
  { key, value, version }: ConsulWrite,
  action: string,
): Promise<string | null> {
  // Consul keeps the index of a key that is set to the same value and the same flags
  const flags = Math.floor(Math.random() * FLAGS);
  const set = { Verb: "cas", Key: key, Value: base64Of(value), Flags: flags, Index: Number(version ?? 0) };
  const response = await call.send({
    method: "PUT",
    url: service.url("/v1/txn", ""),
    headers: { "content-type": "application/json" },
    body: new TextEncoder().encode(JSON.stringify([{ KV: set }])),
  });
  if (isConflict(response)) {
    // it may be one with an earlier attempt of this call
    if (call.mayHaveWritten) throw responseError(action, "an earlier attempt may have been written", response);
    return null;
  }
  if (response.status !== 200) throw rejectedError(response, action, "key:write for the key");
  const results = property(jsonIn(response), "Results");
  const [result]: unknown[] = Array.isArray(results) ? results : [];
  const index = String(property(property(result, "KV"), "ModifyIndex"));
  if (isIndex(index)) return index;
  throw responseError(action, "the answer must hold the new ModifyIndex", response);
}

/** Whether the key is no longer at the index. A missing permission has the same status. */
function isConflict(response: HttpResponse): boolean {
  const errors = response.status === 409 ? property(jsonIn(response), "Errors") : undefined;
  if (!Array.isArray(errors) || errors.length === 0) return false;
  return errors.every((error) => / index is stale$/.test(String(property(error, "What"))));
}

/** Reads the names of all tasks. */
export async function readNames(
  call: HttpCall,
  service: ConsulService,
  prefix: string,
  action: string,
): Promise<readonly string[]> {
  // names have no slashes, so what is further down is of other programs
  const url = service.url(pathOf(prefix), "keys&separator=%2F&consistent");
  const response = await call.send({ method: "GET", url, maxBodyBytes: MAX_LIST_BYTES });
  if (isMissing(response)) return [];
  if (response.status !== 200) throw rejectedError(response, action, "key:list for the prefix");
  const keys = jsonIn(response);
  if (!Array.isArray(keys)) throw responseError(action, "the answer must hold the names of keys", response);
  return keys.flatMap((key) => nameIn(key, prefix) ?? []);
}

/**
 * Reads, conditional writes and listings of etcd.
 *
 * @module
 */
import type { StatusEntry } from "../../src/store/store.ts";
import { base64Of, bytesOfBase64 } from "../http/base64.ts";
import type { HttpCall } from "../http/call.ts";
import { storeTimeOf } from "../http/date_header.ts";
import { type HttpResponse, jsonIn, property, responseError } from "../http/response.ts";
import { type KeyPage, PAGE_SIZE } from "../listing/key_pages.ts";
import { rejectedError } from "./errors.ts";
import { encodedKey, nameIn, nextKey, rangeOf } from "./keys.ts";
import type { EtcdService } from "./service.ts";

/** A conditional write. */
export interface EtcdWrite {
  readonly key: string;
  readonly value: Uint8Array;
  /** The revision to replace; `null` if there must be no key. */
  readonly version: string | null;
}

/** One page of a listing. */
export interface EtcdQuery {
  /** The beginning of the keys, which is not a part of the names. */
  readonly prefix: string;
  /** The key at which the page begins, in base64; `undefined` for the first page. */
  readonly start: string | undefined;
}

/** Whether a value is a revision: a positive 64-bit integer as a string. */
export function isRevision(value: unknown): value is string {
  return typeof value === "string" && /^[1-9]\d{0,18}$/.test(value);
}

/** Sends a request, and returns the JSON of its answer with the response. */
async function ask(
  call: HttpCall,
  { endpoints }: EtcdService,
  action: string,
  path: string,
  json: unknown,
): Promise<{ readonly response: HttpResponse; readonly answer: unknown }> {
  const response = await call.send(endpoints.request(path, json));
  if (response.status !== 200) throw rejectedError(response, action);
  const answer = jsonIn(response);
  // a proxy, for example, may answer with anything
  if (revisionIn(answer) === undefined) {
    throw responseError(action, "the answer must hold the revision of etcd", response);
  }
  return { response, answer };
}

/** The revision of the whole store at an answer. */
function revisionIn(answer: unknown): string | undefined {
  const revision = String(property(property(answer, "header"), "revision"));
  return isRevision(revision) ? revision : undefined;
}

/** Reads a record; `null` if there is none. The read is linearisable, as it is not `serializable`. */
export async function readRecord(
  call: HttpCall,
  service: EtcdService,
  key: string,
  action: string,
): Promise<StatusEntry | null> {
  const { response, answer } = await ask(call, service, action, "/v3/kv/range", { key: encodedKey(key) });
  // without a key there is no list
  const [found] = listIn(answer);
  if (found === undefined) return null;
  const version = String(property(found, "mod_revision"));
  // an empty value is left out
  const value = bytesOfBase64(property(found, "value") ?? "");
  if (!value || !isRevision(version)) {
    throw responseError(action, "the answer must hold a value and its revision", response);
  }
  return { value, version, ...(service.hasServerTime ? storeTimeOf(response.headers) : {}) };
}

/** Writes a record in a transaction. Returns its new revision, or `null` if the condition does not hold. */
export async function writeRecord(
  call: HttpCall,
  service: EtcdService,
  { key, value, version }: EtcdWrite,
  action: string,
): Promise<string | null> {
  const encoded = encodedKey(key);
  const { response, answer } = await ask(call, service, action, "/v3/kv/txn", {
    compare: [{ key: encoded, target: "MOD", result: "EQUAL", mod_revision: version ?? "0" }],
    success: [{ request_put: { key: encoded, value: base64Of(value) } }],
  });
  // etcd leaves it out if it is false
  if (property(answer, "succeeded") === true) return revisionIn(answer) ?? null;
  // it may be a conflict with an earlier attempt of this call
  if (call.mayHaveWritten) throw responseError(action, "an earlier attempt may have been written", response);
  return null;
}

/** Reads the names of the tasks of one page. */
export async function readNames(
  call: HttpCall,
  service: EtcdService,
  { prefix, start }: EtcdQuery,
  action: string,
): Promise<KeyPage> {
  const range = rangeOf(prefix);
  const query = { ...range, key: start ?? range.key, keys_only: true, limit: String(PAGE_SIZE) };
  const { response, answer } = await ask(call, service, action, "/v3/kv/range", query);
  const keys = listIn(answer).map((found) => property(found, "key"));
  const names = keys.flatMap((key) => nameIn(key, prefix) ?? []);
  if (property(answer, "more") !== true) return { keys: names, next: undefined };
  const next = nextKey(keys.at(-1));
  if (next === undefined) throw responseError(action, "the answer must hold keys in base64", response);
  return { keys: names, next };
}

function listIn(answer: unknown): unknown[] {
  const list = property(answer, "kvs");
  return Array.isArray(list) ? list : [];
}

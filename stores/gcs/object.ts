/**
 * One object of a bucket: its reads and its conditional writes.
 *
 * @module
 */
import { refusal, shown } from "../../src/errors.ts";
import { newId } from "../../src/record/ids.ts";
import type { StatusEntry } from "../../src/store/store.ts";
import type { Attempts } from "../http/attempts.ts";
import { type HttpAnswer, jsonOf, property, textIn, unusable } from "../http/exchange.ts";
import { storeTimeOf } from "../http/store_time.ts";
import { encoded } from "../http/url.ts";
import { multipart } from "./multipart.ts";

/** Which object, and how requests about it are made. */
export interface GcsObject {
  /** The service's address without a slash at its end. */
  readonly endpoint: string;
  readonly bucket: string;
  readonly name: string;
  /** Bucket and name, as messages show them. */
  readonly address: string;
  /** Who is billed, if not the bucket's owner. */
  readonly userProject: string | undefined;
}

/** What a write is to do. */
export interface GcsChange {
  readonly object: GcsObject;
  readonly value: Uint8Array;
  /** The generation that must still stand; `null` if there must be no object yet. */
  readonly version: string | null;
  /** How messages say it after "Cannot". */
  readonly doing: string;
}

/** A generation: a positive 64-bit integer, which a JavaScript number can't hold. */
export const GENERATION: RegExp = /^[1-9]\d{0,18}$/;

/** How often a record may be replaced between the two requests of a read. */
const MAX_MOVES = 3;

/** Reads an object with its generation; `null` if there is none. */
export async function readObject(attempts: Attempts, object: GcsObject, doing: string): Promise<StatusEntry | null> {
  let known: string | undefined;
  for (let moves = 0; moves <= MAX_MOVES; moves++) {
    const query = known === undefined ? "alt=media" : `alt=media&generation=${known}`;
    const answer = await attempts.send({ method: "GET", url: objectUrl(object, query) });
    if (answer.status === 200) {
      const header = answer.headers.get("x-goog-generation") ?? "";
      const version = GENERATION.test(header) ? header : known;
      if (version !== undefined) {
        return { value: answer.body, version, ...storeTimeOf(answer.headers) };
      }
    } else if (answer.status !== 404) {
      throw refused(answer, object, doing, "storage.objects.get");
    } else if (known === undefined) {
      return null;
    }
    // a service that does not tell the generation with the content is asked for it first
    const generation = await currentGeneration(attempts, object, doing);
    if (generation === null) return null;
    known = generation;
  }
  throw new Error(refusal("it was replaced again and again", shown(known), doing));
}

/** Writes an object on its condition; the new generation, or `null` if the condition does not hold. */
export async function writeObject(attempts: Attempts, change: GcsChange): Promise<string | null> {
  const { object, version, doing } = change;
  const conflict = (answer: HttpAnswer): "conflict" => {
    if (attempts.inDoubt) throw unusable(doing, "an earlier attempt may have been written", answer);
    return "conflict";
  };
  const again = async (answer: HttpAnswer): Promise<"conflict" | undefined> => {
    // an object takes one write a second: so many who try may hide that one of them has made it
    const hasChanged = answer.status === 429 && await currentGeneration(attempts, object, doing) !== version;
    return hasChanged ? conflict(answer) : undefined;
  };
  const { contentType, body } = multipart({ name: object.name, cacheControl: "no-store" }, change.value);
  // the token is the same in all attempts
  const headers = { "content-type": contentType, "x-goog-gcs-idempotency-token": newId() };
  const answer = await attempts.send({ method: "POST", url: uploadUrl(object, version), headers, body }, again);
  if (answer === "conflict") return null;
  if (answer.status === 200) return generationIn(answer, doing);
  if (isConflict(answer, version)) {
    conflict(answer);
    return null;
  }
  const permissions = version === null ? "storage.objects.create" : "storage.objects.create and storage.objects.delete";
  throw refused(answer, object, doing, permissions);
}

/** Whether the answer says that the record is not at the version any more. */
function isConflict(answer: HttpAnswer, version: string | null): boolean {
  if (answer.status === 404) return version !== null;
  const [, reason] = /"reason": *"(\w+)"/.exec(textIn(answer)) ?? [];
  // the only other condition that uploads can fail
  return answer.status === 412 && reason !== "orgPolicyConstraintFailed";
}

async function currentGeneration(attempts: Attempts, object: GcsObject, doing: string): Promise<string | null> {
  const answer = await attempts.send({ method: "GET", url: objectUrl(object, "fields=generation") });
  if (answer.status === 404) return null;
  if (answer.status !== 200) throw refused(answer, object, doing, "storage.objects.get");
  return generationIn(answer, doing);
}

function generationIn(answer: HttpAnswer, doing: string): string {
  const generation = property(jsonOf(answer), "generation");
  if (typeof generation === "string" && GENERATION.test(generation)) return generation;
  throw new Error(refusal("the answer has no generation", shown(generation), doing));
}

/** The error for an answer that no other attempt would change. */
function refused(answer: HttpAnswer, object: GcsObject, doing: string, permissions: string): Error {
  const { status } = answer;
  if (status === 401) {
    const state = answer.secret ? "Cloud Storage takes no token of this sign-in" : "Cloud Storage wants a sign-in";
    return unusable(doing, state, answer);
  }
  if (status === 403) return unusable(doing, `the sign-in may lack ${permissions} on the bucket`, answer);
  if (status === 404) return unusable(doing, `there is no bucket "${object.bucket}"`, answer);
  const hint = status === 400 ? `, for which ${permissions} may be missing` : "";
  return unusable(doing, `Cloud Storage refuses${hint}`, answer);
}

function objectUrl(object: GcsObject, query: string): string {
  return url(object, `/storage/v1/b/${encoded(object.bucket)}/o/${encoded(object.name)}`, query);
}

function uploadUrl(object: GcsObject, version: string | null): string {
  const query = `uploadType=multipart&ifGenerationMatch=${version ?? "0"}&fields=generation`;
  return url(object, `/upload/storage/v1/b/${encoded(object.bucket)}/o`, query);
}

/** The query's values are ours or generations: nothing in it has to be encoded. */
function url({ endpoint, userProject }: GcsObject, path: string, query: string): string {
  const payer = userProject === undefined ? "" : `&userProject=${encoded(userProject)}`;
  return `${endpoint}${path}?${query}${payer}`;
}

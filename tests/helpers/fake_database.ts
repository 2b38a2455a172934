/**
 * What the fakes of Google's databases have in common: messages as JSON, read strictly, and errors by their canonical codes.
 *
 * @module
 */
import { type FakeReply, type FakeRequest, FaultService } from "./fault_service.ts";

/** Canonical codes and their statuses of HTTP. */
export const STATUSES = {
  ABORTED: 409,
  ALREADY_EXISTS: 409,
  FAILED_PRECONDITION: 400,
  INVALID_ARGUMENT: 400,
  NOT_FOUND: 404,
  PERMISSION_DENIED: 403,
  RESOURCE_EXHAUSTED: 429,
  UNAUTHENTICATED: 401,
  UNAVAILABLE: 503,
};

/** A canonical code. */
export type Code = keyof typeof STATUSES;

/** An answer that is an error. */
export class Refusal extends Error {
  readonly code: Code;

  constructor(code: Code, message: string) {
    super(message);
    this.code = code;
  }
}

const JSON_TYPE = { "content-type": "application/json; charset=UTF-8" };

/** An answer that is a message. */
export function json(value: unknown): FakeReply {
  return { status: 200, headers: JSON_TYPE, body: JSON.stringify(value) };
}

/** An answer that is an error; methods that answer with a stream have it in an array. */
export function refusal(code: Code, message: string, isStream = false): FakeReply {
  const error = { error: { code: STATUSES[code], message, status: code } };
  return { status: STATUSES[code], headers: JSON_TYPE, body: JSON.stringify(isStream ? [error] : error) };
}

/** The fields of a message; a message with others is refused. */
export function fieldsOf(value: unknown, ...names: string[]): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new Refusal("INVALID_ARGUMENT", `Not a message: ${JSON.stringify(value)}`);
  }
  const unknown = Object.keys(value).find((name) => !names.includes(name));
  if (unknown !== undefined) throw new Refusal("INVALID_ARGUMENT", `Unknown name "${unknown}": Cannot find field.`);
  return value as Readonly<Record<string, unknown>>;
}

/** The only entry of a list. */
export function onlyOf(value: unknown): unknown {
  if (!Array.isArray(value) || value.length !== 1) throw new Refusal("INVALID_ARGUMENT", "Not a list of one");
  return value[0];
}

/** A text that a service takes. */
export function textOf(value: unknown, pattern: RegExp): string {
  if (typeof value === "string" && pattern.test(value)) return value;
  throw new Refusal("INVALID_ARGUMENT", `Invalid value: ${JSON.stringify(value)}`);
}

/** A name of an entity, a kind, a collection or a document, as far as both services agree. */
export function nameOf(value: unknown): string {
  const name = textOf(value, /^(?!__.*__$)[^\p{Surrogate}]+$/su);
  if (new TextEncoder().encode(name).length > 1_500) throw new Refusal("INVALID_ARGUMENT", "A name is too long");
  return name;
}

/** The bytes in a message; padded, and of the standard alphabet. */
export function checkBytes(value: unknown): void {
  textOf(value, /^(?:[A-Za-z\d+/]{4})*(?:[A-Za-z\d+/]{2}==|[A-Za-z\d+/]{3}=)?$/);
}

/** A time in microseconds as a message has it: with no digits, three or six after the seconds. */
export function timeText(micros: bigint): string {
  const seconds = new Date(Number(micros / 1_000_000n) * 1_000).toISOString().slice(0, 19);
  const fraction = String(micros % 1_000_000n).padStart(6, "0").replace(/^000000$|000$/, "");
  return `${seconds}${fraction && `.${fraction}`}Z`;
}

/** A database of which all methods are called by POST. */
export abstract class FakeDatabase extends FaultService {
  /** The tokens that it takes; it asks for none if absent. */
  tokens: Set<string> | undefined;
  /** The ids of its databases. */
  readonly databases: Set<string> = new Set(["(default)"]);
  #micros = 0n;

  /** Does what a method does, and answers with a message. */
  protected abstract call(path: string, message: unknown, request: FakeRequest): unknown;

  /** Whether a path's method answers with a stream. */
  protected isStream(_path: string): boolean {
    return false;
  }

  /** The present, later than it has ever told. */
  protected tick(): bigint {
    const nowMicros = BigInt(Math.round(this.nowMs() * 1_000));
    this.#micros = nowMicros > this.#micros ? nowMicros : this.#micros + 1n;
    return this.#micros;
  }

  protected checkDatabase(id: string, project: string): void {
    if (this.databases.has(id)) return;
    throw new Refusal("NOT_FOUND", `The database ${id} does not exist for project ${project}`);
  }

  protected override handle(request: FakeRequest): FakeReply {
    try {
      this.#authorize(request);
      const { method, target, headers } = request;
      if (method !== "POST") throw new Refusal("NOT_FOUND", "No such method");
      if (headers.get("content-type") !== "application/json") throw new Refusal("INVALID_ARGUMENT", "No JSON");
      return json(this.call(target, messageOf(request), request));
    } catch (error) {
      if (error instanceof Refusal) return refusal(error.code, error.message, this.isStream(request.target));
      throw error;
    }
  }

  #authorize({ headers }: FakeRequest): void {
    const authorization = headers.get("authorization");
    if (this.tokens && ![...this.tokens].some((token) => authorization === `Bearer ${token}`)) {
      throw new Refusal("UNAUTHENTICATED", "Request had invalid authentication credentials.");
    }
  }
}

function messageOf({ body }: FakeRequest): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
  } catch {
    throw new Refusal("INVALID_ARGUMENT", "Invalid JSON payload received.");
  }
}

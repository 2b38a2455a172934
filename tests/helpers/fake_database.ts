/**
 * The common parts of the fakes of Google's databases: strict JSON messages, and errors with canonical codes.
 *
 * @module
 */
import { type FakeReply, type FakeRequest, FaultService } from "../../internal/servers/fault_service.ts";

/** The HTTP status of each canonical code. */
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

/** An error that a method returns. */
export class ServiceError extends Error {
  readonly code: Code;

  constructor(code: Code, message: string) {
    super(message);
    this.code = code;
  }
}

const JSON_TYPE = { "content-type": "application/json; charset=UTF-8" };

/** The reply with a message. */
export function json(value: unknown): FakeReply {
  return { status: 200, headers: JSON_TYPE, body: JSON.stringify(value) };
}

/** The reply with an error. Streaming methods return it in an array. */
export function errorReply(code: Code, message: string, isStream = false): FakeReply {
  const error = { error: { code: STATUSES[code], message, status: code } };
  return { status: STATUSES[code], headers: JSON_TYPE, body: JSON.stringify(isStream ? [error] : error) };
}

/** The fields of a message. Throws if it has others. */
export function fieldsOf(value: unknown, ...names: string[]): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new ServiceError("INVALID_ARGUMENT", `Not a message: ${JSON.stringify(value)}`);
  }
  const unknown = Object.keys(value).find((name) => !names.includes(name));
  if (unknown !== undefined) {
    throw new ServiceError("INVALID_ARGUMENT", `Unknown name "${unknown}": Cannot find field.`);
  }
  return value as Readonly<Record<string, unknown>>;
}

/** The only item of a list. */
export function onlyOf(value: unknown): unknown {
  if (!Array.isArray(value) || value.length !== 1) throw new ServiceError("INVALID_ARGUMENT", "Not a list of one");
  return value[0];
}

/** A list of one item or more. */
export function listOf(value: unknown): readonly unknown[] {
  if (!Array.isArray(value) || value.length === 0) throw new ServiceError("INVALID_ARGUMENT", "Not a list of items");
  return value;
}

/** A string of a given form. */
export function stringOf(value: unknown, pattern: RegExp): string {
  if (typeof value === "string" && pattern.test(value)) return value;
  throw new ServiceError("INVALID_ARGUMENT", `Invalid value: ${JSON.stringify(value)}`);
}

/** Compares names as the services sort them: by their UTF-8, which differs from the order of UTF-16. */
export function compareNames(one: string, other: string): number {
  const [left, right] = [new TextEncoder().encode(one), new TextEncoder().encode(other)];
  const index = left.findIndex((byte, index) => byte !== right[index]);
  if (index < 0) return left.length - right.length;
  return (left[index] ?? 0) - (right[index] ?? -1);
}

/** The name of an entity, kind, collection or document, by the rules of both services. */
export function nameOf(value: unknown): string {
  const name = stringOf(value, /^(?!__.*__$)[^\p{Surrogate}]+$/su);
  if (new TextEncoder().encode(name).length > 1_500) throw new ServiceError("INVALID_ARGUMENT", "A name is too long");
  return name;
}

/** Checks bytes in a message: base64 with padding, in the standard alphabet. */
export function checkBytes(value: unknown): void {
  stringOf(value, /^(?:[A-Za-z\d+/]{4})*(?:[A-Za-z\d+/]{2}==|[A-Za-z\d+/]{3}=)?$/);
}

/** A time in a message, with no, three or six digits after the seconds. */
export function timeText(micros: bigint): string {
  const seconds = new Date(Number(micros / 1_000_000n) * 1_000).toISOString().slice(0, 19);
  const fraction = String(micros % 1_000_000n).padStart(6, "0").replace(/^000000$|000$/, "");
  return `${seconds}${fraction && `.${fraction}`}Z`;
}

/** A database whose methods are called by POST. */
export abstract class FakeDatabase extends FaultService {
  /** The valid tokens. If absent, requests need none. */
  tokens: Set<string> | undefined;
  /** The ids of its databases. */
  readonly databases: Set<string> = new Set(["(default)"]);
  #micros = 0n;

  /** Calls a method and returns its message. */
  protected abstract call(path: string, message: unknown, request: FakeRequest): unknown;

  /** Whether the method of a path is streaming. */
  protected isStream(_path: string): boolean {
    return false;
  }

  /** The current time in microseconds, later than at the call before. */
  protected tick(): bigint {
    const nowMicros = BigInt(Math.round(this.nowMs() * 1_000));
    this.#micros = nowMicros > this.#micros ? nowMicros : this.#micros + 1n;
    return this.#micros;
  }

  protected checkDatabase(id: string, project: string): void {
    if (this.databases.has(id)) return;
    throw new ServiceError("NOT_FOUND", `The database ${id} does not exist for project ${project}`);
  }

  protected override handle(request: FakeRequest): FakeReply {
    try {
      this.#authorize(request);
      const { method, target, headers } = request;
      if (method !== "POST") throw new ServiceError("NOT_FOUND", "No such method");
      if (headers.get("content-type") !== "application/json") throw new ServiceError("INVALID_ARGUMENT", "No JSON");
      return json(this.call(target, messageOf(request), request));
    } catch (error) {
      if (error instanceof ServiceError) return errorReply(error.code, error.message, this.isStream(request.target));
      throw error;
    }
  }

  #authorize({ headers }: FakeRequest): void {
    const authorization = headers.get("authorization");
    if (this.tokens && ![...this.tokens].some((token) => authorization === `Bearer ${token}`)) {
      throw new ServiceError("UNAUTHENTICATED", "Request had invalid authentication credentials.");
    }
  }
}

function messageOf({ body }: FakeRequest): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
  } catch {
    throw new ServiceError("INVALID_ARGUMENT", "Invalid JSON payload received.");
  }
}

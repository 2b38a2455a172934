/**
 * Credentials of AWS, and of services with its signatures.
 *
 * @module
 */
import { cannot } from "../../src/errors.ts";
import { systemClock } from "../../src/time/clock.ts";
import type { Credential } from "../sign_in/credential_cache.ts";

/**
 * The keys that sign requests. The objects that `@aws-sdk/credential-providers` returns fit.
 *
 * @example Temporary credentials
 * ```ts
 * import type { AwsCredentials } from "@neat/periodic-task/stores/s3";
 *
 * const credentials: AwsCredentials = {
 *   accessKeyId: "ASIAEXAMPLE",
 *   secretAccessKey: "a secret",
 *   sessionToken: "a token",
 *   expiration: new Date("2026-01-31T13:00:00Z"),
 * };
 * console.assert(credentials.expiration instanceof Date);
 * ```
 */
export interface AwsCredentials {
  /** The public part of the key. */
  readonly accessKeyId: string;
  /** The secret part of the key. */
  readonly secretAccessKey: string;
  /** The token that belongs to temporary credentials. */
  readonly sessionToken?: string | undefined;
  /** When temporary credentials end. */
  readonly expiration?: Date | undefined;
}

/**
 * Returns the credentials of a store. The functions of `@aws-sdk/credential-providers` fit, such as `fromIni()`.
 *
 * Its result is kept until a few minutes before its `expiration`, or for about ten minutes if it has none. It is called again,
 * too, when the service does not accept the last credentials.
 *
 * @example Credentials of another file
 * ```ts
 * import type { AwsCredentialSource } from "@neat/periodic-task/stores/s3";
 *
 * const keys = new Map([["id", "AKIAEXAMPLE"], ["secret", "a secret"]]);
 * const credentials: AwsCredentialSource = () =>
 *   Promise.resolve({ accessKeyId: keys.get("id") ?? "", secretAccessKey: keys.get("secret") ?? "" });
 * console.assert((await credentials()).accessKeyId === "AKIAEXAMPLE");
 * ```
 */
export type AwsCredentialSource = () => AwsCredentials | Promise<AwsCredentials>;

/** Checked credentials. */
export interface SigningKeys extends Credential {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string | undefined;
}

/** How long credentials without an end are kept. */
const DEFAULT_VALIDITY_MS = 900_000;

/** No service issues credentials that are valid for longer. */
const MAX_VALIDITY_MS = 129_600_000;

/** A comma and a slash separate the parts of a signature. */
const ACCESS_KEY_ID = /^[\x21-\x2b\x2d\x2e\x30-\x7e]{1,200}$/;
const PRINTABLE = /^[\x21-\x7e]+$/;

/**
 * Checks credentials.
 *
 * @param credentials The credentials.
 * @param action The failed action, as error messages name it after "Cannot".
 * @param nowMs The time of the clock that set `expiration`.
 * @throws {TypeError} If one of them is no text of printable ASCII. The message shows none of them.
 */
export function signingKeys(credentials: unknown, action: string, nowMs: number = systemClock.nowMs()): SigningKeys {
  const { accessKeyId, secretAccessKey, sessionToken, expiration } = fieldsOf(credentials, action);
  if (!isText(accessKeyId, ACCESS_KEY_ID)) throw invalid(action, "accessKeyId", accessKeyId);
  if (!isText(secretAccessKey, PRINTABLE)) throw invalid(action, "secretAccessKey", secretAccessKey);
  // an empty token counts as none, as in an environment
  const token = sessionToken || undefined;
  if (token !== undefined && !isText(token, PRINTABLE)) throw invalid(action, "sessionToken", token);
  return { accessKeyId, secretAccessKey, sessionToken: token, validForMs: validityMs(expiration, action, nowMs) };
}

function fieldsOf(credentials: unknown, action: string): Readonly<Record<keyof AwsCredentials, unknown>> {
  if (typeof credentials === "object" && credentials !== null) {
    return credentials as Readonly<Record<keyof AwsCredentials, unknown>>;
  }
  const state = "the credentials must be { accessKeyId, secretAccessKey }";
  throw new TypeError(`Cannot ${action} as ${state}: current value is of type ${typeof credentials}`);
}

function isText(value: unknown, pattern: RegExp): value is string {
  return typeof value === "string" && pattern.test(value);
}

function invalid(action: string, name: string, value: unknown): TypeError {
  const state = `"credentials.${name}" must be a text of printable ASCII without spaces`;
  const shown = value === "" ? "an empty text" : `of type ${typeof value}`;
  return new TypeError(`Cannot ${action} as ${state}: current value is ${shown}`);
}

function validityMs(expiration: unknown, action: string, nowMs: number): number {
  if (expiration === undefined || expiration === null) return DEFAULT_VALIDITY_MS;
  const endMs = expiration instanceof Date ? expiration.getTime() : NaN;
  if (Number.isNaN(endMs)) {
    throw new TypeError(cannot(action, '"credentials.expiration" must be a valid Date', expiration));
  }
  return Math.min(endMs - nowMs, MAX_VALIDITY_MS);
}

/**
 * The fields of credentials.
 *
 * @module
 */
import { signInError, TOKEN_FUNCTION_HINT } from "./errors.ts";

/** Hosts on this machine, to which nothing is sent over a network. */
const LOOPBACK_HOST = /^(localhost|.+\.localhost|127(\.\d+){3}|\[::1\])$/;
/** Hosts of the metadata servers of clouds. */
const LINK_LOCAL_HOST = /^(169\.254(\.\d+){2}|\[fd00:ec2::254\])$/;

/** An object of the credentials. Each field is checked when it is read; errors name a field but never show its value. */
export class CredentialFields {
  readonly #fields: Readonly<Record<string, unknown>>;
  readonly #source: string;
  readonly #prefix: string;

  /**
   * @param fields The fields.
   * @param source Where the credentials come from, as errors name it.
   * @param prefix The path of this object, as errors write it before a field's name.
   */
  constructor(fields: Readonly<Record<string, unknown>>, source: string, prefix: string = "") {
    this.#fields = fields;
    this.#source = source;
    this.#prefix = prefix;
  }

  /** The error of a field that can't be used. */
  invalid(name: string, rule: string): Error {
    return signInError(`"${this.#prefix}${name}" ${rule}`, `the one in ${this.#source}`);
  }

  /** The error of credentials that are not supported. */
  unsupported(feature: string): Error {
    return signInError(`${feature} can't be used here`, `${this.#source}; ${TOKEN_FUNCTION_HINT}`);
  }

  /** Whether there is a field, other than null. */
  has(name: string): boolean {
    return this.unchecked(name) !== undefined;
  }

  /** A field of any type; `undefined` if it is absent or null. */
  unchecked(name: string): unknown {
    return Object.hasOwn(this.#fields, name) ? this.#fields[name] ?? undefined : undefined;
  }

  /** A string that is not empty. */
  string(name: string): string {
    const value = this.unchecked(name);
    if (typeof value !== "string" || value === "") throw this.invalid(name, "must be a text");
    return value;
  }

  /** A string that may be absent. */
  optionalString(name: string): string | undefined {
    return this.has(name) ? this.string(name) : undefined;
  }

  /** An object. */
  object(name: string): CredentialFields {
    const value = this.unchecked(name);
    if (typeof value !== "object" || value === null) throw this.invalid(name, "must be an object");
    return new CredentialFields(
      value as Readonly<Record<string, unknown>>,
      this.#source,
      `${this.#prefix}${name}.`,
    );
  }

  /** An object that may be absent. */
  optionalObject(name: string): CredentialFields | undefined {
    return this.has(name) ? this.object(name) : undefined;
  }

  /** An object of strings, which may be absent. */
  strings(name: string): Record<string, string> {
    const object = this.optionalObject(name);
    if (!object) return {};
    return Object.fromEntries(Object.keys(object.#fields).map((key) => [key, object.string(key)]));
  }

  /**
   * The URL of a server that receives or returns secrets: over TLS, or on this machine.
   *
   * @param name The name of the field.
   * @param options `fallback` is the URL if the field is absent; `allowLinkLocal` also allows a metadata server of a cloud.
   */
  url(name: string, options: { readonly fallback?: string; readonly allowLinkLocal?: boolean } = {}): URL {
    const { fallback, allowLinkLocal = false } = options;
    const text = fallback === undefined ? this.string(name) : this.optionalString(name) ?? fallback;
    const url = URL.canParse(text) ? new URL(text) : undefined;
    if (!url || url.username || url.password) throw this.invalid(name, "must be a URL without a password");
    const { protocol, hostname } = url;
    const isLocal = LOOPBACK_HOST.test(hostname) || (allowLinkLocal && LINK_LOCAL_HOST.test(hostname));
    if (protocol === "https:" || (protocol === "http:" && isLocal)) return url;
    throw this.invalid(name, "must be an https: URL, as secrets are sent there");
  }
}

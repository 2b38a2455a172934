/**
 * The fields of credentials: checked when they are asked for, and never shown.
 *
 * @module
 */
import { OTHER_WAY, signInError } from "./attempt.ts";

/** Hosts that are reached without a network, so that nobody else hears what is said. */
const LOOPBACK = /^(localhost|.+\.localhost|127(\.\d+){3}|\[::1\])$/;
/** Where clouds have the metadata servers of their machines. */
const LINK_LOCAL = /^(169\.254(\.\d+){2}|\[fd00:ec2::254\])$/;

/** An object of the credentials. */
export class Fields {
  readonly #fields: Readonly<Record<string, unknown>>;
  readonly #prefix: string;
  /** Where the credentials come from, as errors name it. */
  readonly where: string;

  /**
   * @param fields The fields.
   * @param where Where they come from.
   * @param prefix What stands before their names in errors.
   */
  constructor(fields: Readonly<Record<string, unknown>>, where: string, prefix: string = "") {
    this.#fields = fields;
    this.where = where;
    this.#prefix = prefix;
  }

  /** The error for a field that can't be used. */
  refusal(name: string, must: string): Error {
    return signInError(`"${this.#prefix}${name}" ${must}`, `the one in ${this.where}`);
  }

  /** Whether there is such a field. */
  has(name: string): boolean {
    return (Object.hasOwn(this.#fields, name) ? this.#fields[name] : undefined) != null;
  }

  /** A field that may be absent, and else is not checked. */
  unchecked(name: string): unknown {
    return this.has(name) ? this.#fields[name] : undefined;
  }

  /** A text that is not empty. */
  text(name: string): string {
    const value = this.unchecked(name);
    if (typeof value !== "string" || value === "") throw this.refusal(name, "must be a text");
    return value;
  }

  /** A text that may be absent. */
  optionalText(name: string): string | undefined {
    return this.has(name) ? this.text(name) : undefined;
  }

  /** An object. */
  object(name: string): Fields {
    const value = this.unchecked(name);
    if (typeof value !== "object" || value === null) throw this.refusal(name, "must be an object");
    return new Fields(value as Readonly<Record<string, unknown>>, this.where, `${this.#prefix}${name}.`);
  }

  /** The names and values of an object of texts, which may be absent. */
  texts(name: string): Record<string, string> {
    if (!this.has(name)) return {};
    const object = this.object(name);
    return Object.fromEntries(Object.keys(object.#fields).map((key) => [key, object.text(key)]));
  }

  /**
   * Where to send secrets to: only by way of TLS, unless it is this very machine.
   *
   * @param name The field.
   * @param fallback What it is if it is absent.
   * @param mayBeLocal Whether it may also be a server for this machine alone, as clouds have them at a link-local address.
   */
  url(name: string, fallback?: string, mayBeLocal: boolean = false): URL {
    const text = fallback === undefined ? this.text(name) : this.optionalText(name) ?? fallback;
    const url = URL.canParse(text) ? new URL(text) : undefined;
    if (!url || url.username || url.password) throw this.refusal(name, "must be a URL without a password");
    const { protocol, hostname } = url;
    const isNear = LOOPBACK.test(hostname) || (mayBeLocal && LINK_LOCAL.test(hostname));
    if (protocol === "https:" || (protocol === "http:" && isNear)) return url;
    throw this.refusal(name, "must be an https: URL, as it is told or tells secrets");
  }

  /** The error for credentials of a kind that is not known here. */
  unknown(what: string): Error {
    return signInError(`it does not know ${what}`, `${this.where}; ${OTHER_WAY}`);
  }
}

/**
 * Reads the URL of a store. No error shows more of it than its scheme and the names of its parameters, as it may hold a password.
 *
 * @module
 */
import { cannot } from "../../src/errors.ts";
import { nearestName } from "../../src/nearest_name.ts";
import { durationMs } from "../../src/time/duration.ts";
import { OPEN, type Scheme } from "./scheme.ts";

/** The milliseconds of a unit. */
const UNITS: Readonly<Record<string, number>> = { "": 1, ms: 1, s: 1_000, m: 60_000 };

/** The parts of a URL, decoded. */
export class StoreAddress {
  /** Without the colon. */
  readonly scheme: string;
  /** Empty if there is none. An IPv6 address has no brackets. */
  readonly host: string;
  readonly port: number | undefined;
  readonly user: string | undefined;
  readonly password: string | undefined;
  /** The path with its first slash, if it has one. */
  readonly path: string;
  readonly #parameters: URLSearchParams;

  /**
   * @param url The URL.
   * @param scheme Which parts it may have.
   * @throws {RangeError} If it has others.
   */
  constructor(url: URL, scheme: Scheme) {
    checkParts(url, scheme);
    checkParameters(url.searchParams, scheme.parameters);
    this.scheme = url.protocol.slice(0, -1);
    this.host = decoded(url.hostname, "host").replace(/^\[(.*)\]$/, "$1");
    this.port = url.port === "" ? undefined : Number(url.port);
    this.user = decoded(url.username, "user name") || undefined;
    this.password = decoded(url.password, "password") || undefined;
    this.path = decoded(url.pathname, "path");
    this.#parameters = url.searchParams;
  }

  /** The path without its first slash; `undefined` if it is empty. */
  get name(): string | undefined {
    return this.path.replace(/^\//, "") || undefined;
  }

  /** The address of an HTTP server, with a default port. */
  httpUrl(defaults: { readonly tls: boolean; readonly port: number }): string {
    const host = this.host.includes(":") ? `[${this.host}]` : this.host || "127.0.0.1";
    return `${defaults.tls ? "https" : "http"}://${host}:${this.port ?? defaults.port}`;
  }

  /** A parameter as it stands. */
  text(name: string): string | undefined {
    return this.#parameters.get(name) ?? undefined;
  }

  /** A parameter that is `true` or `false`. */
  flag(name: string): boolean | undefined {
    const value = this.choice(name, ["true", "false"]);
    return value === undefined ? undefined : value === "true";
  }

  /** A parameter that is one of some texts. */
  choice<const T extends string>(name: string, values: readonly T[]): T | undefined {
    const text = this.text(name);
    const found = values.find((value) => value === text);
    if (text === undefined || found !== undefined) return found;
    throw new RangeError(cannot(OPEN, `the parameter "${name}" of its URL must be ${values.join(" or ")}`, text));
  }

  /** The parameter `timeout` in milliseconds. */
  get timeoutMs(): number | undefined {
    const text = this.text("timeout");
    if (text === undefined) return undefined;
    const [, digits, unit = ""] = /^(\d+(?:\.\d+)?)(ms|s|m)?$/.exec(text) ?? [];
    if (digits === undefined) {
      const state = 'the parameter "timeout" of its URL must be a length such as "5s" or "500ms"';
      throw new RangeError(cannot(OPEN, state, text));
    }
    return durationMs(Number(digits) * (UNITS[unit] ?? 1), "timeout", OPEN);
  }
}

function checkParts(url: URL, { parts, example }: Scheme): void {
  const fail = (part: string): never => {
    throw new RangeError(`Cannot ${OPEN} as its URL must have no ${part}, such as ${example}: current value has one`);
  };
  if (url.hash !== "") fail("fragment (write # as %23)");
  if (url.hostname !== "" && !parts.host) fail("host");
  if ((url.username !== "" || url.password !== "") && !parts.user) fail("user name and no password");
  if (url.port !== "" && !parts.port) fail("port");
  // what follows an unescaped character of a password, such as "/"
  if (parts.user && url.pathname.includes("@")) fail('"@" in its path (write / of a password as %2F)');
}

function checkParameters(parameters: URLSearchParams, known: readonly string[]): void {
  const seen = new Set<string>();
  for (const name of parameters.keys()) {
    if (!known.includes(name)) {
      const nearest = nearestName(name, known);
      const hint = nearest === undefined
        ? `known ones are ${known.join(", ") || "none"}`
        : `did you mean "${nearest}"?`;
      // what follows a "?" in a password is none
      const shownName = /^[\w-]{1,40}$/.test(name) ? JSON.stringify(name) : "a name of other characters";
      throw new RangeError(
        `Cannot ${OPEN} as its URL has an unknown parameter, ${hint}: current value is ${shownName}`,
      );
    }
    if (seen.has(name)) throw new RangeError(cannot(OPEN, "its URL has a parameter twice", name));
    seen.add(name);
  }
}

function decoded(text: string, part: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new RangeError(`Cannot ${OPEN} as the ${part} of its URL must write % as %25: current value is not shown`);
  }
}

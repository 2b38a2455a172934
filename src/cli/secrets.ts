/**
 * Keeps the secrets in the URL of a store out of all messages.
 *
 * @module
 */

/** Replaces the secrets in a text. */
export type Redaction = (text: string) => string;

/** Shorter values would be found in the middle of other words. */
const MIN_LENGTH = 3;

/** The parameters of a URL that are no secrets. */
const PUBLIC_PARAMETER = /^(?!.*(?:token|secret|password|passwd|key|auth|credential))/i;

/** Returns the function that replaces the secrets of a URL by `***`. */
export function redactionOf(url: string): Redaction {
  const secrets = [...secretsOf(url)].filter((secret) => secret.length >= MIN_LENGTH)
    .sort((one, other) => other.length - one.length);
  return (text) => secrets.reduce((shown, secret) => shown.replaceAll(secret, "***"), text);
}

function secretsOf(url: string): Set<string> {
  const secrets = new Set<string>();
  const add = (secret: string): void => {
    secrets.add(secret);
    try {
      secrets.add(decodeURIComponent(secret));
    } catch {
      // it is not encoded
    }
  };
  if (!URL.canParse(url)) return secrets.add(url);
  const { href, password, searchParams, search, protocol } = new URL(url);
  if (password !== "" || search !== "") {
    add(url);
    add(href);
  }
  add(password);
  // hashes of the URL of a database are part of no store
  for (const [name, value] of searchParams) if (!PUBLIC_PARAMETER.test(name)) add(value);
  // URL does not take a password apart where the scheme has no host, nor a second @
  const [, rest = ""] = /^[a-z0-9.+-]+:\/\/[^/]*?:([^/]*)@/i.exec(url) ?? [];
  if (protocol !== "file:") add(rest);
  secrets.delete("");
  return secrets;
}

/** Returns the address of a store without its secrets: scheme, host and path. */
export function shownAddress(url: string): string {
  if (!URL.canParse(url)) return "the store";
  const { protocol, host, pathname } = new URL(url);
  const isFile = !/^[a-z0-9.+-]+:\/\//i.test(url);
  return isFile ? `${protocol}${pathname}` : `${protocol}//${host}${pathname === "/" ? "" : pathname}`;
}

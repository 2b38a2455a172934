/**
 * Addresses of services.
 *
 * @module
 */
import { cannot } from "../../src/errors.ts";

/** The address as a text without slashes at its end. */
export function withoutSlash(url: URL): string {
  return url.href.replace(/\/+$/, "");
}

/**
 * Checks the address of a service.
 *
 * @param text The address.
 * @param option The option or environment variable that holds it.
 * @param action The failed action, as error messages name it after "Cannot".
 * @throws {RangeError} If it can't be used. The message shows no secret in it.
 */
export function checkEndpoint(text: string, option: string, action: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isHttp = url?.protocol === "http:" || url?.protocol === "https:";
  if (url && isHttp && !url.search && !url.hash && !url.username && !url.password) return url;
  const withoutSecrets = text.replace(/\/\/.*@/, "//[secret]@").replace(/\?.*/, "?[secret]");
  throw new RangeError(cannot(action, `"${option}" must be an http: or https: URL without a query`, withoutSecrets));
}

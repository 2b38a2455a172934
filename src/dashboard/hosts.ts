/**
 * The hosts whose requests are answered.
 *
 * @module
 */
import { cannot } from "../errors.ts";

/** A name or an IP address, with a port or without one. */
const HOST = /^(?:\[[0-9a-f:.]+\]|[^\s:/?#@[\]]+)(?::\d{1,5})?$/;

/**
 * Checks the option with the hosts.
 *
 * @throws {TypeError} If it is not a list of hosts.
 */
export function hostNames(hosts: readonly string[], doing: string): ReadonlySet<string> {
  if (!Array.isArray(hosts)) throw new TypeError(cannot(doing, '"hosts" must be a list of hosts', hosts));
  const names = new Set<string>();
  for (const host of hosts as readonly unknown[]) {
    const name = String(host).toLowerCase();
    if (typeof host !== "string" || !HOST.test(name)) {
      throw new TypeError(
        cannot(doing, '"hosts" must have hosts such as "localhost" and "tasks.example.com:8443"', host),
      );
    }
    names.add(name);
  }
  return names;
}

/** Returns the host that a request names, in lower case. */
export function hostOfRequest(request: Request): string {
  return (request.headers.get("host") ?? new URL(request.url).host).toLowerCase();
}

/** Whether a request names one of some hosts. */
export function hasHost(request: Request, hosts: ReadonlySet<string>): boolean {
  const host = hostOfRequest(request);
  return hosts.has(host) || hosts.has(host.replace(/:\d*$/, ""));
}

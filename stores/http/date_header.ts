/**
 * The clock of an HTTP server.
 *
 * @module
 */

/** The time of a `Date` header in milliseconds since 1970, if there is a valid one. */
export function dateHeaderMs(headers: Headers): number | undefined {
  const timeMs = Date.parse(headers.get("date") ?? "");
  return Number.isNaN(timeMs) ? undefined : timeMs;
}

/** The `storeTime` of an entry, from the `Date` header of the response. */
export function storeTimeOf(headers: Headers): { readonly storeTime?: number } {
  const storeTime = dateHeaderMs(headers);
  return storeTime === undefined ? {} : { storeTime };
}

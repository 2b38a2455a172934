/**
 * The clock of a service that is asked over HTTP.
 *
 * @module
 */

/** The time that an answer was made, by its `Date` header; nothing if it has none. */
export function storeTimeOf(headers: Headers): { readonly storeTime?: number } {
  const storeTime = Date.parse(headers.get("date") ?? "");
  return Number.isNaN(storeTime) ? {} : { storeTime };
}

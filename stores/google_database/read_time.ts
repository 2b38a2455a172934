/**
 * The clock of a database.
 *
 * @module
 */
import { storeTimeOf } from "../http/date_header.ts";

/** A time of the services. Not all runtimes read more than three digits of a second. */
const TIMESTAMP = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,3})?)\d*Z$/;

/** The `storeTime` of an entry: the `readTime` of the response, or its `Date` header. */
export function readTimeOf(readTime: unknown, headers: Headers): { readonly storeTime?: number } {
  const [, toMilliseconds] = TIMESTAMP.exec(typeof readTime === "string" ? readTime : "") ?? [];
  const storeTime = Date.parse(`${toMilliseconds}Z`);
  return Number.isNaN(storeTime) ? storeTimeOf(headers) : { storeTime };
}

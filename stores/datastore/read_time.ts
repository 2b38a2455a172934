/**
 * The clock of a database, by what it says of a read.
 *
 * @module
 */
import { storeTimeOf } from "../http/store_time.ts";

/** A time as the services write it; more digits than three are not read by all runtimes. */
const TIME = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,3})?)\d*Z$/;

/** When a read was made, by the answer; else by its `Date` header; nothing if it has none. */
export function readTimeOf(readTime: unknown, headers: Headers): { readonly storeTime?: number } {
  const [, text] = TIME.exec(typeof readTime === "string" ? readTime : "") ?? [];
  const storeTime = Date.parse(`${text}Z`);
  return Number.isNaN(storeTime) ? storeTimeOf(headers) : { storeTime };
}

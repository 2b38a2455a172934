/**
 * Lists the keys of records.
 *
 * @module
 */
import { cannot } from "../../src/errors.ts";
import type { KeyPage } from "../listing/key_pages.ts";
import type { SendCommand } from "./driver.ts";

/** How many keys of the database a page looks at, whatever their names are. */
const SCAN_COUNT = 1_000;

/** A page of a listing. */
export interface ScanQuery {
  /** The beginning of the keys, which is not a part of the names. */
  readonly prefix: string;
  /** Where the page begins; `undefined` for the first one. */
  readonly cursor: string | undefined;
  /** The action, as error messages name it after "Cannot". */
  readonly action: string;
  readonly signal: AbortSignal;
}

/** Reads one page of a server: the names of hashes. Some may come twice. */
export async function scanPage(
  send: SendCommand,
  { prefix, cursor = "0", action, signal }: ScanQuery,
): Promise<KeyPage> {
  const pattern = `${escaped(prefix)}*`;
  const args = ["SCAN", cursor, "MATCH", pattern, "COUNT", String(SCAN_COUNT), "TYPE", "hash"];
  const answer: unknown = await send(args, signal);
  const [next, keys]: unknown[] = Array.isArray(answer) ? answer : [];
  if (next === undefined || !Array.isArray(keys)) {
    throw new TypeError(cannot(action, "the answer must hold a cursor and keys", answer));
  }
  const names = keys.map(String).filter((key) => key.startsWith(prefix)).map((key) => key.slice(prefix.length));
  return { keys: names, next: String(next) === "0" ? undefined : String(next) };
}

/** A pattern that only this text matches. */
function escaped(text: string): string {
  return text.replace(/[*?[\]\\^-]/g, "\\$&");
}

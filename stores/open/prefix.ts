/**
 * The prefix of records in the path of a URL.
 *
 * @module
 */
import { cannot } from "../../src/errors.ts";
import type { StoreAddress } from "./address.ts";
import { OPEN } from "./scheme.ts";

/** The path with a slash at its end, or the parameter `prefix` as it stands. */
export function prefixOf(address: StoreAddress): string | undefined {
  const { name } = address;
  const prefix = address.text("prefix");
  if (name === undefined) return prefix;
  if (prefix === undefined) return name.replace(/\/*$/, "/");
  throw new RangeError(cannot(OPEN, 'its URL must have a path or the parameter "prefix", not both', prefix));
}

// To be bundled for Node and Bun, whose runner of `node:test` runs it: each store passes its checks, at the places that places.json
// in the working folder names.

import { readFileSync } from "node:fs";
import { test } from "node:test";
import { checksOf, type Places } from "./store_kinds.ts";

const places: Places = JSON.parse(readFileSync("places.json", "utf8"));

for (const [store, checks] of Object.entries(checksOf(places))) {
  for (const { name, run, skipped } of checks) test(`${store}: ${name}`, { skip: skipped ?? false }, run);
}

// The checks of each store as tests for `node:test` on Node and Bun: bundled, and run against the installed package. The environment
// variable STORE_ADDRESSES has the addresses of the stores as JSON.

import process from "node:process";
import { test } from "node:test";
import { checksByStore, type StoreAddresses } from "./store_checks.ts";

const addresses: StoreAddresses = JSON.parse(process.env.STORE_ADDRESSES ?? "");

for (const [store, checks] of Object.entries(checksByStore(addresses))) {
  for (const { name, run, skipped } of checks) test(`${store}: ${name}`, { skip: skipped ?? false }, run);
}

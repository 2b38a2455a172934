// A program to bundle for Node and Bun: <runtime> BUNDLE URL HUNG_URL
//
// Runs the store checks on a member of etcd. Prints a line for each check, and fails if one fails.

import process from "node:process";
import { storeChecks } from "../../../src/testing/mod.ts";
import { EtcdStore } from "../../../stores/etcd.ts";
import { runChecks } from "../helpers/run_checks.ts";

const [endpoint = "", hung = ""] = process.argv.slice(2);

await runChecks(storeChecks({
  open: () => new EtcdStore({ endpoint }),
  openHung: (requestTimeout) => new EtcdStore({ endpoint: hung, requestTimeout }),
  openFailing: () => new EtcdStore({ endpoint: "http://127.0.0.1:1", requestTimeout: 300 }),
  maxKeyBytes: 2_000,
  raceRounds: 20,
}));

import type { StatusStore } from "../../mod.ts";
import type { StoreChecksOptions } from "../../src/testing/mod.ts";

/** The fault of a store, how to open a client, and a part of the error. */
export type Case = readonly [
  fault: string,
  open: () => StatusStore,
  message: string,
  options?: Partial<StoreChecksOptions>,
];

/** Broken stores, by the name of the check that fails for them. */
export type Cases = Readonly<Record<string, readonly Case[]>>;

/**
 * `datastore:` and `firestore:`.
 *
 * @module
 */
import type { StoreAddress } from "./address.ts";
import { cannot } from "../../src/errors.ts";
import { defined, OPEN, type Scheme } from "./scheme.ts";

/** The options that both stores have. */
function commonOptions(address: StoreAddress) {
  return {
    projectId: address.host || undefined,
    databaseId: address.text("database"),
    apiEndpoint: address.text("endpoint"),
    requestTimeout: address.timeoutMs,
  };
}

/** Entities of Datastore. */
export const DATASTORE: Scheme = {
  names: ["datastore"],
  example: "datastore://my-project",
  parameters: ["database", "endpoint", "kind", "namespace", "timeout"],
  parts: { host: true },
  async open(address) {
    const { DatastoreStore } = await import("../datastore.ts");
    if (address.name !== undefined) {
      throw new RangeError(cannot(OPEN, "its URL must have no path, but ?kind= and ?namespace=", address.path));
    }
    const own = { namespace: address.text("namespace"), kind: address.text("kind") };
    return { store: new DatastoreStore(defined({ ...commonOptions(address), ...own })) };
  },
};

/** Documents of Firestore. */
export const FIRESTORE: Scheme = {
  names: ["firestore"],
  example: "firestore://my-project/my-collection",
  parameters: ["database", "endpoint", "timeout"],
  parts: { host: true },
  async open(address) {
    const { FirestoreStore } = await import("../firestore.ts");
    return { store: new FirestoreStore(defined({ ...commonOptions(address), collection: address.name })) };
  },
};

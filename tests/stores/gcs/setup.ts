import { GcsStore, type GcsStoreOptions } from "../../../stores/gcs.ts";
import { FakeGcs } from "../../helpers/fake_gcs.ts";
import { faultFetch } from "../helpers/fault_fetch.ts";

/** The token of all stores. */
export const TOKEN = "ya29.a-secret-that-nobody-may-see";

export const RECORD: Uint8Array = new TextEncoder().encode('{"format":"a record"}');

/** Creates a service in memory and a store on it. */
export function setUp(options: Partial<GcsStoreOptions> = {}): { readonly service: FakeGcs; readonly store: GcsStore } {
  const service = new FakeGcs();
  return { service, store: storeOn(service, options) };
}

/** Creates a store on a service in memory. */
export function storeOn(service: FakeGcs, options: Partial<GcsStoreOptions> = {}): GcsStore {
  return new GcsStore({
    bucket: "bucket",
    prefix: "",
    token: () => TOKEN,
    apiEndpoint: "https://storage.example",
    fetch: faultFetch(service),
    ...options,
  });
}

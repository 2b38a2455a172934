import { FAKE_KEYS, FakeS3 } from "../../../internal/servers/fake_s3.ts";
import type { FaultService } from "../../../internal/servers/fault_service.ts";
import { S3Store, type S3StoreOptions } from "../../../stores/s3.ts";
import { faultFetch } from "../helpers/fault_fetch.ts";

export { FAKE_KEYS };

export const RECORD: Uint8Array = new TextEncoder().encode('{"format":"a record"}');
export const OTHER: Uint8Array = new TextEncoder().encode("another's");

/** An ETag that no object has. */
export const MADE_UP = '"0123456789abcdef0123456789abcdef"';

/** Creates a service in memory and a store on it. */
export function setUp(options: Partial<S3StoreOptions> = {}): { readonly service: FakeS3; readonly store: S3Store } {
  const service = new FakeS3();
  return { service, store: storeOn(service, options) };
}

/** Creates a store on a service in memory. */
export function storeOn(service: FakeS3, options: Partial<S3StoreOptions> = {}): S3Store {
  return new S3Store({
    bucket: "bucket",
    prefix: "",
    region: "us-east-1",
    endpoint: "https://s3.example",
    credentials: FAKE_KEYS,
    fetch: hostFetch(service),
    ...options,
  });
}

/** A `fetch` that calls a service in memory, with the header `host` that a runtime adds. */
export function hostFetch(service: FaultService): (url: string, init: RequestInit) => Promise<Response> {
  const send = faultFetch(service);
  return (url, init) => {
    const headers = new Headers(init.headers);
    headers.set("host", new URL(url).host);
    return send(url, { ...init, headers });
  };
}

/**
 * `s3:` and `gs:`, buckets whose path is the prefix of the records.
 *
 * @module
 */
import { cannot } from "../../src/errors.ts";
import type { StoreAddress } from "./address.ts";
import { prefixOf } from "./prefix.ts";
import { defined, OPEN, type Scheme } from "./scheme.ts";

function bucketOf({ host, scheme }: StoreAddress): string {
  if (host !== "") return host;
  throw new RangeError(cannot(OPEN, `its URL must name the bucket, as ${scheme}://my-bucket does`, host));
}

/** A bucket of S3 or of a compatible service. */
export const S3: Scheme = {
  names: ["s3"],
  example: "s3://my-bucket/my-service",
  parameters: ["endpoint", "pathStyle", "prefix", "region", "timeout"],
  parts: { host: true },
  async open(address) {
    const { S3Store } = await import("../s3.ts");
    const options = defined({
      prefix: prefixOf(address),
      endpoint: address.text("endpoint"),
      region: address.text("region"),
      pathStyle: address.flag("pathStyle"),
      requestTimeout: address.timeoutMs,
    });
    return { store: new S3Store({ bucket: bucketOf(address), ...options }) };
  },
};

/** A bucket of Cloud Storage. */
export const GCS: Scheme = {
  names: ["gs"],
  example: "gs://my-bucket/my-service",
  parameters: ["endpoint", "prefix", "timeout", "userProject"],
  parts: { host: true },
  async open(address) {
    const { GcsStore } = await import("../gcs.ts");
    const options = defined({
      prefix: prefixOf(address),
      apiEndpoint: address.text("endpoint"),
      userProject: address.text("userProject"),
      requestTimeout: address.timeoutMs,
    });
    return { store: new GcsStore({ bucket: bucketOf(address), ...options }) };
  },
};

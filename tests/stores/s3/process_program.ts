// deno run -A tests/stores/s3/process_program.ts ENDPOINT ACCESS_KEY_ID SECRET_ACCESS_KEY
//
// One of several processes that count in one record until they are killed. Prints each number that is known to be written.

import { S3Store } from "../../../stores/s3.ts";

const [endpoint = "", accessKeyId = "", secretAccessKey = ""] = Deno.args;
const store = new S3Store({
  bucket: "bucket",
  region: "us-east-1",
  endpoint,
  credentials: { accessKeyId, secretAccessKey },
});

for (;;) {
  try {
    const entry = await store.read("count");
    const { count } = entry ? JSON.parse(new TextDecoder().decode(entry.value)) : { count: 0 };
    const next = JSON.stringify({ count: count + 1, write: crypto.randomUUID() });
    const version = await store.write("count", new TextEncoder().encode(next), entry?.version ?? null);
    console.log(version === null ? "conflict" : `written ${count + 1}`);
  } catch {
    console.log("unknown");
  }
}

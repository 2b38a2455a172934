import { MemoryStore, type StatusStore } from "../../../mod.ts";
import { DenoKvStore } from "../../../stores/deno_kv.ts";
import { GcsStore } from "../../../stores/gcs.ts";
import type { StoreName } from "./request.ts";

/** A conditional write by the store's own client; resolves with the new version. */
export type Write = (key: string, value: Uint8Array, version: string | null) => Promise<string | null>;

/** A store of this package, and a write without it. */
export interface MeasuredStore {
  readonly store: StatusStore;
  readonly write: Write;
}

/** Opens a store. The location is the path of a file or the URL of a server. */
export async function openStore(name: StoreName, location: string): Promise<MeasuredStore> {
  if (name === "memory") {
    const store = new MemoryStore();
    return { store, write: (key, value, version) => store.write(key, value, version) };
  }
  if (name.startsWith("gcs")) {
    const store = new GcsStore({ bucket: "bucket", apiEndpoint: location, token: () => "a-token" });
    return { store, write: gcsWrite(location) };
  }
  const kv = await Deno.openKv(name === "kv-memory" ? ":memory:" : location);
  return { store: new DenoKvStore({ kv }), write: kvWrite(kv) };
}

function kvWrite(kv: Deno.Kv): Write {
  return async (key, value, versionstamp) => {
    const kvKey = ["neat-periodic-task", key];
    const answer = await kv.atomic().check({ key: kvKey, versionstamp }).set(kvKey, value).commit();
    return answer.ok ? answer.versionstamp : null;
  };
}

/** As in the service's documentation: an upload of metadata and content with a generation match. */
function gcsWrite(endpoint: string): Write {
  const type = "content-type: application/json";
  const headers = { "content-type": "multipart/related; boundary=part", authorization: "Bearer a-token" };
  const decoder = new TextDecoder();
  return async (key, value, version) => {
    const metadata = JSON.stringify({ name: `neat-periodic-task/${key}`, contentType: "application/json" });
    const parts = [metadata, decoder.decode(value)].map((part) => `--part\r\n${type}\r\n\r\n${part}\r\n`);
    const query = `uploadType=multipart&ifGenerationMatch=${version ?? "0"}&fields=generation`;
    const url = `${endpoint}/upload/storage/v1/b/bucket/o?${query}`;
    const response = await fetch(url, { method: "POST", headers, body: `${parts.join("")}--part--\r\n` });
    const { generation } = await response.json() as { generation?: string };
    return generation ?? null;
  };
}

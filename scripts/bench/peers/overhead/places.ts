import { MemoryStore, type StatusStore } from "../../../../mod.ts";
import { DenoKvStore } from "../../../../stores/deno_kv.ts";
import { GcsStore } from "../../../../stores/gcs.ts";
import type { PlaceName } from "./order.ts";

/** A conditional write by nothing but the store's own client; answers with the new version. */
export type Write = (key: string, value: Uint8Array, version: string | null) => Promise<string | null>;

/** A store, and what it is made of. */
export interface Place {
  readonly store: StatusStore;
  readonly write: Write;
}

/** Opens a place; `at` is the path of a file or the address of a server. */
export async function openPlace(name: PlaceName, at: string): Promise<Place> {
  if (name === "memory") {
    const store = new MemoryStore();
    return { store, write: (key, value, version) => store.write(key, value, version) };
  }
  if (name.startsWith("gcs")) {
    return { store: new GcsStore({ bucket: "bucket", apiEndpoint: at, token: () => "a-token" }), write: bareGcs(at) };
  }
  const kv = await Deno.openKv(name === "kv-memory" ? ":memory:" : at);
  return { store: new DenoKvStore({ kv }), write: bareKv(kv) };
}

function bareKv(kv: Deno.Kv): Write {
  return async (key, value, versionstamp) => {
    const kvKey = ["neat-periodic-task", key];
    const answer = await kv.atomic().check({ key: kvKey, versionstamp }).set(kvKey, value).commit();
    return answer.ok ? answer.versionstamp : null;
  };
}

/** What the service's documentation shows: an upload of metadata and content on the condition of a generation. */
function bareGcs(endpoint: string): Write {
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

// Stores that break a rule about records, versions or keys.

import type { StatusEntry } from "../../mod.ts";
import type { Cases } from "./broken_store_case.ts";
import {
  caching,
  cachingVersions,
  client,
  comparingDigests,
  decoded,
  lowHalf,
  mapText,
  mapVersion,
  mixingKeys,
  rejectingKeys,
  returningOldEntries,
  store,
} from "./broken_stores.ts";

const timed = (storeTime: () => number) => (entry: StatusEntry | null): StatusEntry | null =>
  entry && { ...entry, storeTime: storeTime() };

const ONE = Uint8Array.of(1);

let storeMs = 2e12;

/** Stores with wrong records, versions or keys, by the name of the check that fails for them. */
export const RECORD_CASES: Cases = {
  "read() returns null for a key without a record": [
    [
      "returns zero bytes without a record",
      store({ mapEntry: (entry) => entry ?? { value: new Uint8Array(0), version: "0" } }),
      'a key without a record must be read as null: current value is 0 bytes at version "0"',
    ],
    [
      "returns undefined without a record",
      store({ mapEntry: (entry) => entry ?? undefined as never }),
      "read() must return null or an entry whose value is a Uint8Array: current value is undefined",
    ],
  ],
  "write() creates a record once": [
    ["ignores null", store({ accepts: (current, expected) => expected === null || current === expected }), "null"],
    [
      "creates no record",
      store({ accepts: (current, expected) => expected !== null && current === expected }),
      "the first write of a key",
    ],
    [
      "returns no record",
      store({ mapEntry: () => null }),
      "a record that was written must exist: current value is null",
    ],
  ],
  "write() replaces a version once": [
    ["ignores versions", store({ accepts: () => true }), "a second replacement"],
    ["keeps the version", store({ version: () => "v" }), 'must have another version than v: current value is "v"'],
    [
      "replaces no record",
      store({ accepts: (current) => current === null }),
      "a write with the current version must return the new version",
    ],
    [
      "accepts any version but null",
      store({ accepts: (current, expected) => expected !== null || current === null }),
      "a second replacement of the same version must return null",
    ],
  ],
  "write() returns null for an old version": [
    [
      "accepts older versions",
      store({
        accepts: (current, expected) => expected === null ? current === null : Number(expected) <= Number(current),
      }),
      "a write with an old version, 1, must return null",
    ],
    ["reuses versions", store({ version: (writes) => String(writes % 3) }), "must differ from all earlier ones"],
  ],
  "a write that returns null changes nothing": [
    [
      "writes and returns null",
      store({ onConflict: (records, key, value) => records.set(key, { ...records.get(key)!, value: value.slice() }) }),
      "after a failed create, the record must be the last one that was written",
    ],
    [
      "counts writes that fail",
      store({ onConflict: (records, key) => records.set(key, { ...records.get(key)!, version: "touched" }) }),
      "after a failed create, the version must be the one that write() returned",
    ],
  ],
  "a made-up version writes nothing": [
    [
      "accepts * as any version",
      store({ accepts: (current, expected) => current === expected || current !== null && expected === "*" }),
      'a made-up version, "*", must return null or reject',
    ],
    [
      "treats an empty version as null",
      store({ accepts: (current, expected) => current === (expected || null) }),
      'a made-up version, "", where there is no record must return null or reject',
    ],
    [
      "treats 0 as null",
      store({ accepts: (current, expected) => current === expected || current === null && expected === "0" }),
      '"0", where there is no record must return null or reject',
    ],
    [
      "accepts later versions",
      store({
        accepts: (current, expected) => current === expected || current !== null && Number(expected) > Number(current),
      }),
      "a write with the version of another key must return null or reject",
    ],
    [
      "compares only the first characters of versions",
      store({ accepts: (current, expected) => current === expected || !!current && !!expected?.startsWith(current) }),
      "must return null or reject",
    ],
    [
      "writes and rejects",
      store({
        accepts: (current, expected) => current === expected || expected === "*",
        beforeWrite: () => Promise.resolve(),
        version: (writes) => String(writes),
        onConflict: (records, key, value) => {
          if (records.has(key)) records.set(key, { value: value.slice(), version: "0" });
          throw new Error("not found");
        },
      }),
      "after a write with the version of another key, the record must be the last one that was written",
    ],
  ],
  "versions are strings, the same from read() and write()": [
    [
      "returns numbers as versions",
      store({ version: (writes) => writes as never }),
      "a string that is not empty: current",
    ],
    ["returns empty versions", store({ version: () => "" }), 'a string that is not empty: current value is ""'],
    [
      "returns undefined as version",
      store({ version: () => undefined as never }),
      "must return null or a string that is not",
    ],
    [
      "reads numbers as versions",
      store({ mapEntry: mapVersion(Number) }),
      "the version that read() returns must be a string",
    ],
    [
      "reads other versions",
      store({ mapEntry: mapVersion((version) => `W/${version}`) }),
      "must return the version that",
    ],
  ],
  "an old version is outdated even if the records differ only by their write ids": [
    [
      "uses the length of a record as version",
      store({ version: (_writes, value) => String(value.length) }),
      "a record with another write id must have another version",
    ],
    [
      "confuses versions of records of the same length",
      comparingDigests((value) => String(value.length)),
      "a write with the version before a record with another write id must return null",
    ],
  ],
  "the same record written again has a new version": [
    [
      "uses the bytes of a record as version",
      store({ version: (_writes, value) => btoa(String.fromCharCode(...value)) }),
      "the same record written again must have another version",
    ],
    [
      "confuses versions of equal records",
      comparingDigests(String),
      "a write with the version before the same record written again must return null",
    ],
  ],
  "read() returns the last record to every client": [
    ["caches reads", client(caching), "when another client reads the record, the record must be"],
  ],
  "reads during writes never return an older record": [
    ["sometimes returns an older record", client(returningOldEntries), "a read must return write number"],
  ],
  "a client keeps no state between calls": [
    ["caches versions", client(cachingVersions), "a write with the current version must return the new version"],
  ],
  "a client serves many tasks at once": [
    [
      "confuses the keys of concurrent calls",
      client(mixingKeys),
      "among concurrent calls, the record must be the last one that was written",
    ],
  ],
  "storeTime is absent, or in milliseconds and never goes back": [
    [
      "returns seconds as storeTime",
      store({ mapEntry: timed(() => 1.7e9) }),
      "in milliseconds since 1970, and not before 2001: current",
    ],
    [
      "returns NaN as storeTime",
      store({ mapEntry: timed(() => NaN) }),
      "must be absent or a finite number: current value is NaN",
    ],
    [
      "returns a decreasing storeTime",
      store({ mapEntry: timed(() => storeMs -= 2_000) }),
      "storeTime must not go back by more than 1000 ms",
    ],
  ],
  "read() returns the bytes that were written": [
    [
      "decodes bytes as text",
      store({ mapWritten: mapText((text) => text) }),
      "all 256 values must be read as they were written",
    ],
    ["drops carriage returns", store({ mapWritten: (value) => value.filter((byte) => byte !== 13) }), "all"],
    [
      "drops a byte order mark",
      store({ mapRead: (value) => value.slice(value[0] === 0xef ? 3 : 0) }),
      "byte order mark",
    ],
    [
      "keeps only 4,000 bytes",
      store({ mapWritten: (value) => value.slice(0, 4_000) }),
      "4096 bytes of text must be read as they were written",
    ],
    [
      "returns a plain array",
      store({ mapRead: (value) => [...value] as never }),
      "whose value is a Uint8Array: current",
    ],
  ],
  "a key stays usable after a write of zero bytes": [
    [
      "returns zero bytes as null, but does not create a record then",
      store({ mapEntry: (entry) => entry?.value.length ? entry : null }),
      "the first write of a key must return the new version",
    ],
    [
      "ignores a write of zero bytes",
      store({
        accepts: (current, expected) => current === expected,
        mapWritten: (value) => value.length ? value.slice() : ONE,
      }),
      "zero bytes must be read as zero bytes or as null",
    ],
  ],
  "arrays are not shared with the caller": [
    [
      "keeps the caller's array",
      store({ mapWritten: (value) => value }),
      "the array that it wrote, the record must be",
    ],
    ["returns its own array", store({ mapRead: (value) => value }), "the array that it read, the record must be"],
    [
      "changes the caller's array",
      store({ mapWritten: (value) => value.fill(0).slice() }),
      "write() must not change the array of the caller",
    ],
  ],
  "a view of a larger buffer is written without the rest of the buffer": [
    [
      "writes the whole buffer",
      store({ mapWritten: (value) => new Uint8Array(value.buffer.slice(0)) }),
      "larger buffer",
    ],
  ],
  "similar keys have separate records": [
    ["trims keys", store({ key: (key) => key.trim() }), "must not have a record yet"],
    ["ignores letter case", store({ key: (key) => key.toLowerCase() }), "must not have a record yet"],
    ["composes characters", store({ key: (key) => key.normalize("NFC") }), "must not have a record yet"],
    ["confuses compatible characters", store({ key: (key) => key.normalize("NFKC") }), "must not have"],
    ["resolves paths", store({ key: (key) => new URL(encodeURI(key), "file:///").pathname }), "must not have a record"],
    ["decodes keys", store({ key: (key) => decoded(key) }), "must not have a record yet"],
    ["treats + as a space", store({ key: (key) => key.replaceAll("+", " ") }), "must not have a record yet"],
    ["drops a query", store({ key: (key) => key.split("?")[0]! }), "must not have a record yet"],
    ["drops a fragment", store({ key: (key) => key.split("#")[0]! }), "must not have a record yet"],
    ["treats backslashes as slashes", store({ key: (key) => key.replaceAll("\\", "/") }), "must not have a record"],
    ["merges slashes", store({ key: (key) => key.replaceAll(/\/+/g, "/") }), "must not have a record yet"],
    ["drops trailing slashes", store({ key: (key) => key.replace(/\/+$/, "") }), "must not have a record yet"],
    [
      "drops characters beyond ASCII",
      store({ key: (key) => key.replaceAll(/[^ -~]/g, "?") }),
      "must not have a record yet",
    ],
    ["cuts characters to 16 bits", store({ key: (key) => [...key].map(lowHalf).join("") }), "must not have a record"],
    [
      "rejects special characters",
      client(rejectingKeys(/[^\w-]/)),
      "must be accepted: current value is TypeError: key rejected",
    ],
    ["returns another record", store({ mapEntry: (entry) => entry && { ...entry, value: ONE } }), "at the key "],
  ],
  "special keys such as .. have separate records": [
    ["treats .. as .", store({ key: (key) => key.replace(/^\.\.$/, ".") }), 'at the key "." must be the one'],
    ["uses an object as a map", client(rejectingKeys(/^(__proto__|constructor)$/)), "key rejected"],
    ["rejects dots", client(rejectingKeys(/^\.+$/)), "key rejected"],
    ["writes nothing", store({ accepts: () => false }), 'at the key "." with the current version must succeed'],
    [
      "holds data of another program",
      store({ mapEntry: (entry, key) => key === ".." ? { value: ONE, version: "1" } : entry }),
      'the key ".." must be free for the checks',
    ],
  ],
  "keys of up to 500 characters have separate records": [
    ["cuts keys", store({ key: (key) => key.slice(0, 255) }), "must not have a record yet"],
    [
      "rejects keys of more than 255 characters",
      client(rejectingKeys(/^.{256}/)),
      "a key of 256 characters and 256 bytes",
    ],
    [
      "cuts keys that it might reject",
      store({ key: (key) => key.length === 500 && key.includes("\u65e5") ? key.slice(0, 499) : key }),
      "must not have a record yet",
    ],
  ],
};

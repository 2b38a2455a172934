import { assertEquals, assertInstanceOf, assertStringIncludes } from "@std/assert";
import type { StatusEntry, StatusStore } from "../../mod.ts";
import { storeChecks, type StoreChecksOptions } from "../../src/testing/mod.ts";
import {
  answeringAtAbort,
  caching,
  client,
  decoded,
  endedByAbort,
  hidingRuns,
  laggingBehind,
  lowHalf,
  mixingCallsUp,
  never,
  oddAtAbort,
  refusing,
  refusingAfterAbort,
  rememberingVersions,
  store,
  takingForEachOther,
  writingLater,
} from "./broken_stores.ts";
import { failureOf } from "./play.ts";

/** What is wrong, how a client of the store is made, and what the check says. */
type Case = readonly [
  fault: string,
  open: () => StatusStore,
  message: string,
  options?: Partial<StoreChecksOptions>,
];

const text = (change: (text: string) => string) => (value: Uint8Array): Uint8Array =>
  new TextEncoder().encode(change(new TextDecoder().decode(value)));

const timed = (storeTime: () => number) => (entry: StatusEntry | null): StatusEntry | null =>
  entry && { ...entry, storeTime: storeTime() };

const shownAs = (version: (version: string) => unknown) => (entry: StatusEntry | null): StatusEntry | null =>
  entry && { ...entry, version: version(entry.version) as string };

const hung: StatusStore = { read: never, write: never };

const ONE = Uint8Array.of(1);

let storeMs = 2e12;

/** Stores that are wrong, by the name of the check that finds them out. */
const CASES: Readonly<Record<string, readonly Case[]>> = {
  "read() returns null for a key without a record": [
    [
      "reads what is not there as zero bytes",
      store({ show: (entry) => entry ?? { value: new Uint8Array(0), version: "0" } }),
      'a key without a record must be read as null: current value is 0 bytes at version "0"',
    ],
    [
      "reads what is not there as undefined",
      store({ show: (entry) => entry ?? undefined as never }),
      "read() must return null or an entry whose value is a Uint8Array: current value is undefined",
    ],
  ],
  "write() creates a record once": [
    ["pays no heed to null", store({ accepts: (current, given) => given === null || current === given }), "null"],
    [
      "can't create",
      store({ accepts: (current, given) => given !== null && current === given }),
      "the first write of a key",
    ],
    ["forgets", store({ show: () => null }), "a record that was written must exist: current value is null"],
  ],
  "write() replaces a version once": [
    ["pays no heed to versions", store({ accepts: () => true }), "a second replacement"],
    ["keeps the version", store({ version: () => "v" }), 'must have another version than v: current value is "v"'],
    [
      "can't replace",
      store({ accepts: (current) => current === null }),
      "a write with the current version must return the new version",
    ],
    [
      "takes any version but null for the right one",
      store({ accepts: (current, given) => given !== null || current === null }),
      "a second replacement of the same version must return null",
    ],
  ],
  "write() returns null for an old version": [
    [
      "takes versions up to the one that stands",
      store({ accepts: (current, given) => given === null ? current === null : Number(given) <= Number(current) }),
      "a write with an old version, 1, must return null",
    ],
    ["uses versions again", store({ version: (writes) => String(writes % 3) }), "must differ from all earlier ones"],
  ],
  "a write that returns null changes nothing": [
    [
      "writes and says that it has not",
      store({ refused: (kept, key, value) => kept.set(key, { ...kept.get(key)!, value: value.slice() }) }),
      "after a failed create, the record must be the last one that was written",
    ],
    [
      "counts writes that are refused",
      store({ refused: (kept, key) => kept.set(key, { ...kept.get(key)!, version: "touched" }) }),
      "after a failed create, the version must be the one that write() returned",
    ],
  ],
  "a made-up version writes nothing": [
    [
      "takes * for any version",
      store({ accepts: (current, given) => current === given || current !== null && given === "*" }),
      'a made-up version, "*", must return null or reject',
    ],
    [
      "takes an empty version for null",
      store({ accepts: (current, given) => current === (given || null) }),
      'a made-up version, "", where there is no record must return null or reject',
    ],
    [
      "takes 0 for null",
      store({ accepts: (current, given) => current === given || current === null && given === "0" }),
      '"0", where there is no record must return null or reject',
    ],
    [
      "takes later versions",
      store({ accepts: (current, given) => current === given || current !== null && Number(given) > Number(current) }),
      "a write with the version of another key must return null or reject",
    ],
    [
      "compares the first characters",
      store({ accepts: (current, given) => current === given || !!current && !!given?.startsWith(current) }),
      "must return null or reject",
    ],
    [
      "writes and rejects",
      store({
        accepts: (current, given) => current === given || given === "*",
        between: () => Promise.resolve(),
        version: (writes) => String(writes),
        refused: (kept, key, value) => {
          if (kept.has(key)) kept.set(key, { value: value.slice(), version: "0" });
          throw new Error("not found");
        },
      }),
      "after a write with the version of another key, the record must be the last one that was written",
    ],
  ],
  "versions are strings, the same from read() and write()": [
    [
      "has numbers for versions",
      store({ version: (writes) => writes as never }),
      "a string that is not empty: current",
    ],
    ["has empty versions", store({ version: () => "" }), 'a string that is not empty: current value is ""'],
    ["answers undefined", store({ version: () => undefined as never }), "must return null or a string that is not"],
    [
      "reads numbers for versions",
      store({ show: shownAs(Number) }),
      "the version that read() returns must be a string",
    ],
    ["reads other versions", store({ show: shownAs((version) => `W/${version}`) }), "must return the version that"],
  ],
  "an old version is outdated even if the records differ only by their write ids": [
    [
      "has the length of a record for its version",
      store({ version: (_writes, value) => String(value.length) }),
      "a record with another write id must have another version",
    ],
    [
      "takes versions of records of the same length for each other",
      takingForEachOther((value) => String(value.length)),
      "a write with the version before a record with another write id must return null",
    ],
  ],
  "the same record written again has a new version": [
    [
      "has the bytes of a record for its version",
      store({ version: (_writes, value) => btoa(String.fromCharCode(...value)) }),
      "the same record written again must have another version",
    ],
    [
      "takes versions of equal records for each other",
      takingForEachOther(String),
      "a write with the version before the same record written again must return null",
    ],
  ],
  "read() returns the last record to every client": [
    ["remembers what it has read", client(caching), "when another client reads the record, the record must be"],
  ],
  "reads during writes never return an older record": [
    ["lags behind now and then", client(laggingBehind), "a read must return write number"],
  ],
  "a client keeps no state between calls": [
    ["remembers versions", client(rememberingVersions), "a write with the current version must return the new version"],
  ],
  "a client serves many tasks at once": [
    [
      "mixes calls up",
      client(mixingCallsUp),
      "among concurrent calls, the record must be the last one that was written",
    ],
  ],
  "storeTime is absent, or in milliseconds and never goes back": [
    ["tells seconds", store({ show: timed(() => 1.7e9) }), "in milliseconds since 1970, and not before 2001: current"],
    ["tells no number", store({ show: timed(() => NaN) }), "must be absent or a finite number: current value is NaN"],
    ["goes back", store({ show: timed(() => storeMs -= 2_000) }), "storeTime must not go back by more than 1000 ms"],
  ],
  "read() returns the bytes that were written": [
    ["takes bytes for text", store({ take: text((text) => text) }), "all 256 values must be read as they were written"],
    ["takes bytes for Latin text without ends", store({ take: (value) => value.filter((byte) => byte !== 13) }), "all"],
    ["drops a byte order mark", store({ give: (value) => value.slice(value[0] === 0xef ? 3 : 0) }), "byte order mark"],
    [
      "keeps 4,000 bytes",
      store({ take: (value) => value.slice(0, 4_000) }),
      "4096 bytes of text must be read as they were written",
    ],
    ["reads a plain array", store({ give: (value) => [...value] as never }), "whose value is a Uint8Array: current"],
  ],
  "a key stays usable after a write of zero bytes": [
    [
      "reads zero bytes as null, but knows better when it creates",
      store({ show: (entry) => entry?.value.length ? entry : null }),
      "the first write of a key must return the new version",
    ],
    [
      "leaves the record when it is given zero bytes",
      store({ accepts: (current, given) => current === given, take: (value) => value.length ? value.slice() : ONE }),
      "zero bytes must be read as zero bytes or as null",
    ],
  ],
  "arrays are not shared with the caller": [
    ["keeps the caller's array", store({ take: (value) => value }), "the array that it wrote, the record must be"],
    ["hands out its own array", store({ give: (value) => value }), "the array that it read, the record must be"],
    [
      "changes the caller's array",
      store({ take: (value) => value.fill(0).slice() }),
      "write() must not change the array of the caller",
    ],
  ],
  "a view of a larger buffer is written without the rest of the buffer": [
    ["writes the whole buffer", store({ take: (value) => new Uint8Array(value.buffer.slice(0)) }), "larger buffer"],
  ],
  "similar keys have separate records": [
    ["trims keys", store({ key: (key) => key.trim() }), "must not have a record yet"],
    ["takes capitals for small letters", store({ key: (key) => key.toLowerCase() }), "must not have a record yet"],
    ["composes characters", store({ key: (key) => key.normalize("NFC") }), "must not have a record yet"],
    ["takes compatible characters for the same", store({ key: (key) => key.normalize("NFKC") }), "must not have"],
    ["resolves paths", store({ key: (key) => new URL(encodeURI(key), "file:///").pathname }), "must not have a record"],
    ["decodes keys", store({ key: (key) => decoded(key) }), "must not have a record yet"],
    ["takes + for a blank", store({ key: (key) => key.replaceAll("+", " ") }), "must not have a record yet"],
    ["cuts a query off", store({ key: (key) => key.split("?")[0]! }), "must not have a record yet"],
    ["cuts a fragment off", store({ key: (key) => key.split("#")[0]! }), "must not have a record yet"],
    ["takes back slashes for slashes", store({ key: (key) => key.replaceAll("\\", "/") }), "must not have a record"],
    ["joins slashes", store({ key: (key) => key.replaceAll(/\/+/g, "/") }), "must not have a record yet"],
    ["drops slashes at the end", store({ key: (key) => key.replace(/\/+$/, "") }), "must not have a record yet"],
    ["drops what is not ASCII", store({ key: (key) => key.replaceAll(/[^ -~]/g, "?") }), "must not have a record yet"],
    ["cuts characters to 16 bits", store({ key: (key) => [...key].map(lowHalf).join("") }), "must not have a record"],
    ["refuses odd keys", client(refusing(/[^\w-]/)), "must be accepted: current value is TypeError: key rejected"],
    ["reads another key", store({ show: (entry) => entry && { ...entry, value: ONE } }), "at the key "],
  ],
  "special keys such as .. have separate records": [
    ["takes .. for .", store({ key: (key) => key.replace(/^\.\.$/, ".") }), 'at the key "." must be the one'],
    ["looks names up in an object", client(refusing(/^(__proto__|constructor)$/)), "key rejected"],
    ["refuses dots", client(refusing(/^\.+$/)), "key rejected"],
    ["never writes them", store({ accepts: () => false }), 'at the key "." with the current version must succeed'],
    [
      "has data of others there",
      store({ show: (entry, key) => key === ".." ? { value: ONE, version: "1" } : entry }),
      'the key ".." must be free for the checks',
    ],
  ],
  "keys of up to 500 characters have separate records": [
    ["cuts keys", store({ key: (key) => key.slice(0, 255) }), "must not have a record yet"],
    ["refuses keys of more than 255 characters", client(refusing(/^.{256}/)), "a key of 256 characters and 256 bytes"],
    [
      "cuts keys of more bytes than it may refuse",
      store({ key: (key) => key.length === 500 && key.includes("\u65e5") ? key.slice(0, 499) : key }),
      "must not have a record yet",
    ],
  ],
  "a call with an aborted signal rejects at once and writes nothing": [
    ["pays no heed to signals", store({ begin: () => {} }), "read() with an aborted signal must reject"],
    [
      "heeds them when it reads alone",
      store({ begin: (signal, call) => call === "read" ? signal?.throwIfAborted() : undefined }),
      "write() with an aborted signal must reject within 1000 ms",
    ],
    ["hangs", store({ begin: (signal) => signal?.aborted ? never() : undefined }), "did not end within 1000 ms"],
    [
      "writes all the same, and a little later",
      client(writingLater),
      "after writes with an aborted signal, the record must be the last one that was written",
    ],
  ],
  "a signal that aborts during a call ends it, and the client stays usable": [
    ["is ended by an abort", client(endedByAbort), "closed"],
    ["refuses all after an abort", client(refusingAfterAbort), "a write with the current version must return"],
    ["reads null at an abort", oddAtAbort({ read: () => Promise.resolve(null) }), "a read whose signal aborts must"],
    [
      "calls an abort a conflict",
      oddAtAbort({ write: () => Promise.resolve(null) }),
      "a write whose signal aborts must reject or succeed, as there is no conflict: current value is null",
    ],
    [
      "says that it has written",
      oddAtAbort({ write: () => Promise.resolve("9") }),
      "after a write that succeeded, the record must be the last one that was written",
    ],
    [
      "hangs at an abort",
      oddAtAbort({ write: never }),
      "write() must end within 1000 ms of its signal's abort",
    ],
    [
      "leaves half a record",
      oddAtAbort({
        write: async (inner, key, value, version) => {
          await inner.write(key, value.subarray(1), version);
          throw new Error("aborted");
        },
      }),
      "after a write that was aborted the record must be the new or the old one",
    ],
  ],
  "a call to a server that never answers ends at the client's time limit": [
    ["has no limit", store(), "read() of a server that never answers must reject within 1300", {
      openHung: () => hung,
    }],
    [
      "reads null at its limit",
      store(),
      "must reject within 1300 ms: current value is null",
      { openHung: () => ({ read: () => Promise.resolve(null), write: never }) },
    ],
    [
      "has no limit when it writes",
      store(),
      "write() of a server that never answers must reject within 1300 ms",
      { openHung: () => ({ read: () => Promise.reject(new Error("limit")), write: never }) },
    ],
  ],
  "a call to a server that never answers ends when its signal aborts": [
    ["pays no heed to signals", store(), "once its signal aborts, must reject", { openHung: () => hung }],
    ["gives up at its limit alone", store(), "once its signal aborts, must reject", {
      openHung: (limitMs) => {
        const call = () => new Promise<never>((_, reject) => setTimeout(() => reject(new Error("limit")), limitMs));
        return { read: call, write: call };
      },
    }],
    ["answers null then", store(), "must reject within 1000 ms: current value is null", {
      openHung: answeringAtAbort(null),
    }],
  ],
  "a call to a server that fails throws": [
    [
      "reads null where it can't read",
      store(),
      "read() of a server that fails must reject within 10000 ms: current value is null",
      { openFailing: () => ({ read: () => Promise.resolve(null), write: () => Promise.reject(new Error("down")) }) },
    ],
    [
      "calls it a conflict when it can't write",
      store(),
      "write() of a server that fails must reject within 10000 ms: current value is null",
      { openFailing: () => ({ read: () => Promise.reject(new Error("down")), write: () => Promise.resolve(null) }) },
    ],
  ],
  "one of 20 concurrent writers creates a record": [
    ["waits between look and write", store({ between: () => Promise.resolve() }), "20 concurrent writers one must win"],
    ["refuses all", store({ accepts: () => false }), 'one must win: current value is "all of them got null'],
    [
      "has numbers for versions",
      store({ version: (writes) => writes as never }),
      "must return null or a string that is",
    ],
    ["throws for all", store({ begin: () => Promise.reject(new Error("busy")) }), "busy"],
    [
      "throws for all who write",
      store({ begin: (_signal, call) => call === "write" ? Promise.reject(new Error("busy")) : undefined }),
      'in most rounds of a race one writer must win: current value is "0 of 3"',
    ],
    [
      "writes for who has lost",
      store({ refused: (kept, key, value) => kept.set(key, { ...kept.get(key)!, value: value.slice() }) }),
      "after a race the record must be the winner's",
    ],
    [
      "has another version than it says",
      store({ show: shownAs((version) => `${version}0`) }),
      "after a race the version must be the winner's",
    ],
  ],
  "one of 20 concurrent writers replaces a record": [
    [
      "waits between look and write, once there is a record",
      store({ between: (current) => current === null ? undefined : Promise.resolve() }),
      "of 20 concurrent writers one must win",
    ],
    ["uses versions again", store({ version: (writes) => String(writes % 2) }), "must differ from all earlier ones"],
  ],
  "schedulers on two clients share a task": [
    ["keeps 150 bytes", store({ take: (value) => value.slice(0, 150) }), "as it is not ours"],
    [
      "hides runs from others",
      client(hidingRuns),
      "status() must return the state running and the term 3",
    ],
    [
      "says of runs that they have finished",
      store({ give: text((text) => text.replace('"state":"running"', '"state":"finished"')) }),
      "status() must return the state running and the term 3",
    ],
  ],
};

for (const [name, cases] of Object.entries(CASES)) {
  for (const [fault, open, message, options] of cases) {
    Deno.test(`"${name}" fails for a store that ${fault}`, async () => {
      const failure = await failureOf(name, open, options);
      assertInstanceOf(failure, Error, "the check passes");
      assertStringIncludes(failure.message, message);
    });
  }
}

Deno.test("every check fails for some broken store", () => {
  const names = storeChecks({ open: store() }).map(({ name }) => name);
  assertEquals(names.toSorted(), Object.keys(CASES).toSorted());
});

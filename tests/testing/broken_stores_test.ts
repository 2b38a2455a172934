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
  wrong: string,
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
  "a key without a record reads as null": [
    [
      "reads what is not there as zero bytes",
      store({ show: (entry) => entry ?? { value: new Uint8Array(0), version: "0" } }),
      'a key without a record must read as null: current value is 0 bytes at version "0"',
    ],
    [
      "reads what is not there as undefined",
      store({ show: (entry) => entry ?? undefined as never }),
      "read() must answer null or an entry whose value is a Uint8Array: current value is undefined",
    ],
  ],
  "a record is created once": [
    ["pays no heed to null", store({ accepts: (current, given) => given === null || current === given }), "null"],
    ["can't create", store({ accepts: (current, given) => given !== null && current === given }), "first record"],
    ["forgets", store({ show: () => null }), "a record that was written must be there: current value is null"],
  ],
  "a version is replaced once": [
    ["pays no heed to versions", store({ accepts: () => true }), "a second replacement"],
    ["keeps the version", store({ version: () => "v" }), 'must have another version than v: current value is "v"'],
    ["can't replace", store({ accepts: (current) => current === null }), "a record with the version that stands"],
    [
      "takes any version but null for the right one",
      store({ accepts: (current, given) => given !== null || current === null }),
      "a second replacement of the same version must answer null",
    ],
  ],
  "a stale version is refused": [
    [
      "takes versions up to the one that stands",
      store({ accepts: (current, given) => given === null ? current === null : Number(given) <= Number(current) }),
      "a write with a stale version, 1, must answer null",
    ],
    ["uses versions again", store({ version: (writes) => String(writes % 3) }), "must be another than all before it"],
  ],
  "a refused write leaves the record and its version as they are": [
    [
      "writes and says that it has not",
      store({ refused: (kept, key, value) => kept.set(key, { ...kept.get(key)!, value: value.slice() }) }),
      "after a refused create the record must be the one that was written",
    ],
    [
      "counts writes that are refused",
      store({ refused: (kept, key) => kept.set(key, { ...kept.get(key)!, version: "touched" }) }),
      "after a refused create the version must be the one that write() answered",
    ],
  ],
  "a version that was never answered for the key writes nothing": [
    [
      "takes * for any version",
      store({ accepts: (current, given) => current === given || current !== null && given === "*" }),
      'a version made up, "*", must answer null or reject',
    ],
    [
      "takes an empty version for null",
      store({ accepts: (current, given) => current === (given || null) }),
      'a version made up, "", where there is no record must answer null or reject',
    ],
    [
      "takes 0 for null",
      store({ accepts: (current, given) => current === given || current === null && given === "0" }),
      '"0", where there is no record must answer null or reject',
    ],
    [
      "takes later versions",
      store({ accepts: (current, given) => current === given || current !== null && Number(given) > Number(current) }),
      "a write with the version of another key must answer null or reject",
    ],
    [
      "compares the first characters",
      store({ accepts: (current, given) => current === given || !!current && !!given?.startsWith(current) }),
      "must answer null or reject",
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
      "after a write with the version of another key the record must be the one that was written",
    ],
  ],
  "a version is a text that is not empty, the same for readers as for the writer": [
    ["has numbers for versions", store({ version: (writes) => writes as never }), "a text that is not empty: current"],
    ["has empty versions", store({ version: () => "" }), 'a text that is not empty: current value is ""'],
    ["answers undefined", store({ version: () => undefined as never }), "must answer null or a text that is not"],
    ["reads numbers for versions", store({ show: shownAs(Number) }), "the version that read() answers must be a text"],
    ["reads other versions", store({ show: shownAs((version) => `W/${version}`) }), "must answer the version that"],
  ],
  "an old version is refused though the record differs by its write id alone": [
    [
      "has the length of a record for its version",
      store({ version: (_writes, value) => String(value.length) }),
      "a record with another write id must have another version",
    ],
    [
      "takes versions of records of the same length for each other",
      takingForEachOther((value) => String(value.length)),
      "a write with the version that a record with another write id had before must answer null",
    ],
  ],
  "an equal record written again has a new version": [
    [
      "has the bytes of a record for its version",
      store({ version: (_writes, value) => btoa(String.fromCharCode(...value)) }),
      "the same record written again must have another version",
    ],
    [
      "takes versions of equal records for each other",
      takingForEachOther(String),
      "a write with the version that the same record written again had before must answer null",
    ],
  ],
  "a read shows what was written, to the writer and to others": [
    ["remembers what it has read", client(caching), "when another client reads what was written the record must be"],
  ],
  "reads during writes never go back": [
    ["lags behind now and then", client(laggingBehind), "a read must show write number"],
  ],
  "a client keeps no state between calls": [
    ["remembers versions", client(rememberingVersions), "a record with the version that stands"],
  ],
  "a client serves many tasks at once": [
    ["mixes calls up", client(mixingCallsUp), "among calls at once the record must be the one that was written"],
  ],
  "the store's time, if it tells it, is in milliseconds and goes forward": [
    ["tells seconds", store({ show: timed(() => 1.7e9) }), "in milliseconds since 1970, not before 2001: current"],
    ["tells no number", store({ show: timed(() => NaN) }), "must be absent or a finite number: current value is NaN"],
    ["goes back", store({ show: timed(() => storeMs -= 2_000) }), "storeTime must not go back by more than 1000 ms"],
  ],
  "bytes come back unchanged": [
    ["takes bytes for text", store({ take: text((text) => text) }), "all 256 values must come back"],
    ["takes bytes for Latin text without ends", store({ take: (value) => value.filter((byte) => byte !== 13) }), "all"],
    ["drops a byte order mark", store({ give: (value) => value.slice(value[0] === 0xef ? 3 : 0) }), "byte order mark"],
    ["keeps 4,000 bytes", store({ take: (value) => value.slice(0, 4_000) }), "4096 bytes of text must come back"],
    ["reads a plain array", store({ give: (value) => [...value] as never }), "whose value is a Uint8Array: current"],
  ],
  "zero bytes are taken or refused, and the key stays usable": [
    [
      "reads zero bytes as null, but knows better when it creates",
      store({ show: (entry) => entry?.value.length ? entry : null }),
      "writing the first record at a key must be answered with its version",
    ],
    [
      "leaves the record when it is given zero bytes",
      store({ accepts: (current, given) => current === given, take: (value) => value.length ? value.slice() : ONE }),
      "zero bytes must read as zero bytes or as null",
    ],
  ],
  "no array is shared with the caller": [
    ["keeps the caller's array", store({ take: (value) => value }), "the array that it wrote the record must be"],
    ["hands out its own array", store({ give: (value) => value }), "an array that it was given the record must be"],
    ["changes the caller's array", store({ take: (value) => value.fill(0).slice() }), "as it is"],
  ],
  "a view of a larger buffer is written as the view alone": [
    ["writes the whole buffer", store({ take: (value) => new Uint8Array(value.buffer.slice(0)) }), "larger buffer"],
  ],
  "keys that are nearly alike have records of their own": [
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
    ["refuses odd keys", client(refusing(/[^\w-]/)), "must be taken: current value is TypeError: key refused"],
    ["reads another key", store({ show: (entry) => entry && { ...entry, value: ONE } }), "at the key "],
  ],
  "keys that are odd as a whole have records of their own": [
    ["takes .. for .", store({ key: (key) => key.replace(/^\.\.$/, ".") }), 'at the key "." must be the one'],
    ["looks names up in an object", client(refusing(/^(__proto__|constructor)$/)), "key refused"],
    ["refuses dots", client(refusing(/^\.+$/)), "key refused"],
    ["never writes them", store({ accepts: () => false }), 'at the key "." must be replaced by who knows its version'],
    [
      "has data of others there",
      store({ show: (entry, key) => key === ".." ? { value: ONE, version: "1" } : entry }),
      'the key ".." must be free for the checks',
    ],
  ],
  "keys of up to 500 characters have records of their own": [
    ["cuts keys", store({ key: (key) => key.slice(0, 255) }), "must not have a record yet"],
    ["refuses keys of more than 255 characters", client(refusing(/^.{256}/)), "a key of 256 characters and 256 bytes"],
    [
      "cuts keys of more bytes than it may refuse",
      store({ key: (key) => key.length === 500 && key.includes("\u65e5") ? key.slice(0, 499) : key }),
      "must not have a record yet",
    ],
  ],
  "a signal that has aborted rejects at once, and nothing is written": [
    ["pays no heed to signals", store({ begin: () => {} }), "read() with a signal that has aborted must reject"],
    [
      "heeds them when it reads alone",
      store({ begin: (signal, call) => call === "read" ? signal?.throwIfAborted() : undefined }),
      "write() with a signal that has aborted must reject within 1000 ms",
    ],
    ["hangs", store({ begin: (signal) => signal?.aborted ? never() : undefined }), "under way for more than 1000 ms"],
    [
      "writes all the same, and a little later",
      client(writingLater),
      "after writes with a signal that had aborted the record must be the one that was written",
    ],
  ],
  "a signal that aborts during a call ends it, and the client stays usable": [
    ["is ended by an abort", client(endedByAbort), "closed"],
    ["refuses all after an abort", client(refusingAfterAbort), "a write with the version that stands must be answered"],
    ["reads null at an abort", oddAtAbort({ read: () => Promise.resolve(null) }), "a read whose signal aborts must"],
    [
      "calls an abort a conflict",
      oddAtAbort({ write: () => Promise.resolve(null) }),
      "a write whose signal aborts must reject or be written, as there is no conflict: current value is null",
    ],
    [
      "says that it has written",
      oddAtAbort({ write: () => Promise.resolve("9") }),
      "after a write that was answered the record must be the one that was written",
    ],
    [
      "hangs at an abort",
      oddAtAbort({ write: never }),
      "write() must settle within 1000 ms of its signal's abort",
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
  "a server that never answers is given up on at the client's limit": [
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
      "write() without a version of a server that never answers must reject within 1300 ms",
      { openHung: () => ({ read: () => Promise.reject(new Error("limit")), write: never }) },
    ],
  ],
  "a server that never answers is given up on when the signal aborts": [
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
  "a server that fails is an error, neither a conflict nor an absent record": [
    [
      "reads null where it can't read",
      store(),
      "read() of a server that fails must reject within 10000 ms: current value is null",
      { openFailing: () => ({ read: () => Promise.resolve(null), write: () => Promise.reject(new Error("down")) }) },
    ],
    [
      "calls it a conflict when it can't write",
      store(),
      "write() without a version of a server that fails must reject within 10000 ms: current value is null",
      { openFailing: () => ({ read: () => Promise.reject(new Error("down")), write: () => Promise.resolve(null) }) },
    ],
  ],
  "a race of 20 writers to create a record has one winner": [
    ["waits between look and write", store({ between: () => Promise.resolve() }), "20 writers at once one must win"],
    ["refuses all", store({ accepts: () => false }), 'one must win: current value is "all of them were answered null'],
    ["has numbers for versions", store({ version: (writes) => writes as never }), "must answer null or a text that is"],
    ["throws for all", store({ begin: () => Promise.reject(new Error("busy")) }), "busy"],
    [
      "throws for all who write",
      store({ begin: (_signal, call) => call === "write" ? Promise.reject(new Error("busy")) : undefined }),
      'in most rounds of a race one writer must be told that it has won: current value is "0 of 3"',
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
  "a race of 20 writers to replace a record has one winner": [
    [
      "waits between look and write, once there is a record",
      store({ between: (current) => current === null ? undefined : Promise.resolve() }),
      "of 20 writers at once one must win",
    ],
    ["uses versions again", store({ version: (writes) => String(writes % 2) }), "another than all before it"],
  ],
  "schedulers on two clients share a task": [
    ["keeps 150 bytes", store({ take: (value) => value.slice(0, 150) }), "as it is no status record"],
    [
      "hides runs from others",
      client(hidingRuns),
      "status() must show the state running and the term 3",
    ],
    [
      "says of runs that they have finished",
      store({ give: text((text) => text.replace('"state":"running"', '"state":"finished"')) }),
      "status() must show the state running and the term 3",
    ],
  ],
};

for (const [name, cases] of Object.entries(CASES)) {
  for (const [wrong, open, message, options] of cases) {
    Deno.test(`a store that ${wrong} is found out by the check that ${name}`, async () => {
      const failure = await failureOf(name, open, options);
      assertInstanceOf(failure, Error, "the check passes");
      assertStringIncludes(failure.message, message);
    });
  }
}

Deno.test("for each check there is a store that it finds out", () => {
  const names = storeChecks({ open: store() }).map(({ name }) => name);
  assertEquals(names.toSorted(), Object.keys(CASES).toSorted());
});

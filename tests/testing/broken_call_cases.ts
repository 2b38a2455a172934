// Stores that break a rule about signals, servers, concurrent writers or schedulers.

import type { StatusStore } from "../../mod.ts";
import type { Cases } from "./broken_store_case.ts";
import {
  answeringAtAbort,
  client,
  conflictingAfterAbort,
  failingAfterAbort,
  hidingRuns,
  mapText,
  mapVersion,
  never,
  replacingAborted,
  store,
  writingLater,
} from "./broken_stores.ts";

const hung: StatusStore = { read: never, write: never };

const fail = (): Promise<never> => Promise.reject(new Error("down"));
const failing: StatusStore = { read: fail, write: fail };

/** Stores that fail at an abort, without a server, in a race or under schedulers, by the name of the check that fails for them. */
export const CALL_CASES: Cases = {
  "a call with an aborted signal rejects immediately and writes nothing": [
    ["ignores signals", store({ beforeCall: () => {} }), "read() with an aborted signal must reject"],
    [
      "ignores signals of writes",
      store({ beforeCall: (signal, call) => call === "read" ? signal?.throwIfAborted() : undefined }),
      "write() with an aborted signal must reject within 1000 ms",
    ],
    [
      "hangs at an aborted signal",
      store({ beforeCall: (signal) => signal?.aborted ? never() : undefined }),
      "did not end within 1000 ms",
    ],
    [
      "writes a little later",
      client(writingLater),
      "after writes with an aborted signal, the record must be the last one that was written",
    ],
  ],
  "a signal that aborts during a call ends it, and the client stays usable": [
    ["fails after an abort", client(failingAfterAbort), "closed"],
    ["returns null after an abort", client(conflictingAfterAbort), "a write with the current version must return"],
    [
      "reads null at an abort",
      replacingAborted({ read: () => Promise.resolve(null) }),
      "a read whose signal aborts must",
    ],
    [
      "returns null for an aborted write",
      replacingAborted({ write: () => Promise.resolve(null) }),
      "a write whose signal aborts must reject or succeed, as there is no conflict: current value is null",
    ],
    [
      "returns a version without a write",
      replacingAborted({ write: () => Promise.resolve("9") }),
      "after a write that succeeded, the record must be the last one that was written",
    ],
    [
      "hangs at an abort",
      replacingAborted({ write: never }),
      "write() must end within 1000 ms of its signal's abort",
    ],
    [
      "writes a part of a record",
      replacingAborted({
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
      "has no limit for writes",
      store(),
      "write() of a server that never answers must reject within 1300 ms",
      { openHung: () => ({ read: () => Promise.reject(new Error("limit")), write: never }) },
    ],
    [
      "has no limit for lists",
      store(),
      "list() of a server that never answers must reject within 1300 ms",
      { openHung: () => ({ ...failing, list: () => ({ [Symbol.asyncIterator]: () => ({ next: never }) }) }) },
    ],
  ],
  "a call to a server that never answers ends when its signal aborts": [
    ["ignores signals", store(), "once its signal aborts, must reject", { openHung: () => hung }],
    ["ends only at its limit", store(), "once its signal aborts, must reject", {
      openHung: (limitMs) => {
        const call = () => new Promise<never>((_, reject) => setTimeout(() => reject(new Error("limit")), limitMs));
        return { read: call, write: call };
      },
    }],
    ["returns null at the abort", store(), "must reject within 1000 ms: current value is null", {
      openHung: answeringAtAbort(null),
    }],
  ],
  "a call to a server that fails throws": [
    [
      "returns null if the read fails",
      store(),
      "read() of a server that fails must reject within 10000 ms: current value is null",
      { openFailing: () => ({ read: () => Promise.resolve(null), write: () => Promise.reject(new Error("down")) }) },
    ],
    [
      "returns null if the write fails",
      store(),
      "write() of a server that fails must reject within 10000 ms: current value is null",
      { openFailing: () => ({ read: () => Promise.reject(new Error("down")), write: () => Promise.resolve(null) }) },
    ],
    [
      "lists nothing if the list fails",
      store(),
      "list() of a server that fails must reject within 10000 ms",
      { openFailing: () => ({ ...failing, async *list() {} }) },
    ],
  ],
  "one of 20 concurrent writers creates a record": [
    [
      "waits between check and write",
      store({ beforeWrite: () => Promise.resolve() }),
      "20 concurrent writers one must win",
    ],
    ["returns null to all", store({ accepts: () => false }), 'one must win: current value is "all of them got null'],
    [
      "returns numbers as versions",
      store({ version: (writes) => writes as never }),
      "must return null or a string that is",
    ],
    ["throws for all calls", store({ beforeCall: () => Promise.reject(new Error("busy")) }), "busy"],
    [
      "throws for all writers",
      store({ beforeCall: (_signal, call) => call === "write" ? Promise.reject(new Error("busy")) : undefined }),
      'in most rounds of a race one writer must win: current value is "0 of 3"',
    ],
    [
      "writes and returns null",
      store({ onConflict: (records, key, value) => records.set(key, { ...records.get(key)!, value: value.slice() }) }),
      "after a race the record must be the winner's",
    ],
    [
      "returns other versions than it keeps",
      store({ mapEntry: mapVersion((version) => `${version}0`) }),
      "after a race the version must be the winner's",
    ],
  ],
  "one of 20 concurrent writers replaces a record": [
    [
      "waits between check and write, once there is a record",
      store({ beforeWrite: (current) => current === null ? undefined : Promise.resolve() }),
      "of 20 concurrent writers one must win",
    ],
    ["reuses versions", store({ version: (writes) => String(writes % 2) }), "must differ from all earlier ones"],
  ],
  "schedulers on two clients share a task": [
    ["keeps only 150 bytes", store({ mapWritten: (value) => value.slice(0, 150) }), "as it is not a status record"],
    [
      "hides runs from others",
      client(hidingRuns),
      "status() must return the state running and the term 3",
    ],
    [
      "returns running records as finished",
      store({ mapRead: mapText((text) => text.replace('"state":"running"', '"state":"finished"')) }),
      "status() must return the state running and the term 3",
    ],
  ],
};

import { assert, assertEquals, assertMatch, assertRejects, assertThrows } from "@std/assert";
import { MemoryStore, type StatusStore, type StoreCallOptions } from "../../mod.ts";
import { FaultyStore, storeChecks, type StoreChecksOptions } from "../../src/testing/mod.ts";
import { client, rejectingKeys, store } from "./broken_stores.ts";
import { failureOf, inFakeTime } from "./run_check.ts";

const CREATE_RACE = "one of 20 concurrent writers creates a record";
const REPLACE_RACE = "one of 20 concurrent writers replaces a record";
const LONG_KEYS = "keys of up to 500 characters have separate records";

/** Never answers. A call ends when its signal aborts or at its time limit. */
function hung(limitMs: number): StatusStore {
  const call = (options?: StoreCallOptions): Promise<never> =>
    new Promise((_, reject) => {
      const timer = setTimeout(() => reject(new Error("no answer")), limitMs);
      options?.signal?.addEventListener("abort", () => {
        clearTimeout(timer);
        reject(options.signal?.reason);
      });
    });
  return { read: (_key, options) => call(options), write: (_key, _value, _version, options) => call(options) };
}

function failing(): StatusStore {
  const faulty = new FaultyStore(new MemoryStore());
  faulty.breakDown();
  return faulty;
}

const memory = new MemoryStore();

for (const { name, run, skipped } of storeChecks({ open: () => memory, openHung: hung, openFailing: failing })) {
  Deno.test(`MemoryStore passes: ${name}`, async () => {
    assertEquals(skipped, undefined);
    await run();
  });
}

Deno.test("a slow store passes the checks that need no server", async () => {
  const inner = new MemoryStore();
  const open = () => new FaultyStore(inner, { seed: 1, rates: { delay: 0.5, answerLate: 0.5 }, maxDelay: 5 });
  for (const { name, run, skipped } of storeChecks({ open, raceRounds: 3 })) {
    if (skipped) continue;
    assertEquals(await inFakeTime(run), undefined, name);
  }
});

Deno.test("a store with a correct storeTime passes", async () => {
  const open = store({ mapEntry: (entry) => entry && { ...entry, storeTime: Date.UTC(2040, 0) } });
  const name = "storeTime is absent, or in milliseconds and never goes back";
  assertEquals(await failureOf(name, open), undefined);
});

Deno.test("a store that rejects zero bytes, or reads them as null, passes", async () => {
  const name = "a key stays usable after a write of zero bytes";
  const rejectsZeroBytes = store({
    mapWritten: (value) => {
      if (value.length === 0) throw new RangeError("zero bytes");
      return value.slice();
    },
  });
  const inner = store()();
  const readsZeroBytesAsNull: StatusStore = {
    read: async (key) => {
      const entry = await inner.read(key);
      return entry?.value.length ? entry : null;
    },
    write: async (key, value, version) => {
      const entry = await inner.read(key);
      return await inner.write(key, value, version ?? (entry?.value.length === 0 ? entry.version : null));
    },
  };
  for (const open of [rejectsZeroBytes, () => readsZeroBytesAsNull]) {
    assertEquals(await failureOf(name, open), undefined);
  }
});

Deno.test("a store that throws for made-up versions passes", async () => {
  const open = client((inner) => ({
    read: (key) => inner.read(key),
    write: (key, value, version) => {
      if (version !== null && !/^[1-9]\d*$/.test(version)) throw new RangeError("no version");
      return inner.write(key, value, version);
    },
  }));
  const name = "a made-up version writes nothing";
  assertEquals(await failureOf(name, open), undefined);
});

Deno.test("a race continues after writes of unknown outcome", async () => {
  for (const fault of ["failAfter", "failBefore"] as const) {
    const inner = new MemoryStore();
    const open = () =>
      new FaultyStore(inner, {
        script: ({ kind, total }) => kind === "write" && total % 7 === 2 ? { kind: fault } : undefined,
      });
    for (const name of [CREATE_RACE, REPLACE_RACE]) {
      assertEquals(await failureOf(name, open, { raceRounds: 50 }), undefined);
    }
  }
});

Deno.test("a race has raceRounds rounds, or as many as raceTime allows", async () => {
  const lines: string[] = [];
  const report = (line: string) => lines.push(line);
  const race = async (options: Partial<StoreChecksOptions>, rounds: RegExp) => {
    assertEquals(await failureOf(CREATE_RACE, store(), { raceRounds: undefined, report, ...options }), undefined);
    assertMatch(lines.pop() ?? "", rounds);
  };
  await race({ raceRounds: 7, raceTime: 1 }, /^7 rounds of 20 writers that create a record, in \d+ ms$/);
  await race({}, /^1000 rounds of 20 writers/);
  await race(
    { raceTime: 1, open: client((inner) => inner, { beforeCall: () => pause(2) }) },
    /^1 rounds of 20 writers/,
  );
});

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

Deno.test("a skipped check has a reason, and its run rejects", async () => {
  const skipped = storeChecks({ open: store(), equalBodiesMayShareVersions: true }).filter(({ skipped }) => skipped);
  assertEquals(skipped.map(({ name, skipped }) => [name, skipped]), [
    ["the same record written again has a new version", "equalBodiesMayShareVersions is set"],
    ["a call to a server that never answers ends at the client's time limit", 'there is no option "openHung"'],
    ["a call to a server that never answers ends when its signal aborts", 'there is no option "openHung"'],
    ["a call to a server that fails throws", 'there is no option "openFailing"'],
  ]);
  for (const { skipped: reason, run } of skipped) {
    await assertRejects(run, Error, `Cannot run the check as it is skipped: current value is ${reason}`);
  }
});

Deno.test("each run of a check uses new keys with the prefix", async () => {
  const users = new Map<string, string>();
  const keyPrefix = "tests of my store/";
  const inner = new MemoryStore();
  const names = storeChecks({ open: store() }).map(({ name }) => name);
  assertEquals(new Set(names).size, names.length);
  for (const time of [1, 2]) {
    for (const [index, name] of names.entries()) {
      // it uses the same keys in each run
      if (name === "special keys such as .. have separate records") continue;
      const user = `${name} (${time})`;
      const open = (): StatusStore => ({
        read: (key, options) => inner.read(key, options),
        write: (key, value, version, options) => {
          assert(key.startsWith(keyPrefix), key);
          assertEquals(users.get(key) ?? user, user, key);
          users.set(key, user);
          return inner.write(key, value, version, options);
        },
      });
      const check = storeChecks({ open, keyPrefix, raceRounds: 2 })[index]!;
      if (!check.skipped) await check.run();
    }
  }
  assert(users.size > 300);
});

Deno.test("checks may run concurrently", async () => {
  const inner = new MemoryStore();
  const checks = [1, 2, 3].flatMap(() => storeChecks({ open: () => inner, raceRounds: 5 }));
  await Promise.all(checks.map(({ skipped, run }) => skipped ? undefined : run()));
});

Deno.test("a check opens at least two clients, and closes each one", async () => {
  for (const behaviour of [{}, { accepts: () => true }]) {
    const make = store(behaviour);
    let [opened, closed] = [0, 0];
    const open = () => {
      opened++;
      return Promise.resolve(make());
    };
    for (const { name, skipped, run } of storeChecks({ open, close: () => closed++, raceRounds: 1 })) {
      if (skipped) continue;
      [opened, closed] = [0, 0];
      await inFakeTime(run);
      assert(opened >= 2 && closed === opened, `${name}: ${opened} opened, ${closed} closed`);
    }
  }
});

Deno.test("a call that never ends fails its check at callLimit", async () => {
  const open = (): StatusStore => ({ read: () => new Promise(() => {}), write: () => new Promise(() => {}) });
  const [first] = storeChecks({ open, callLimit: { milliseconds: 70 } });
  const failure = await inFakeTime(first!.run);
  assertMatch(
    String(failure),
    /Cannot accept the store as a call must end within 70 ms: current value is CallTimeoutError: read\(\) did not end within 70 ms/,
  );
});

Deno.test("one client passes a signal, the other no options", async () => {
  const argumentCounts = new Set<number>();
  const open = client((inner) => ({
    read: (...args) => {
      argumentCounts.add(args.length);
      return inner.read(...args);
    },
    write: (...args) => {
      argumentCounts.add(args.length);
      return inner.write(...args);
    },
  }));
  const [, created] = storeChecks({ open });
  await created!.run();
  assertEquals([...argumentCounts].toSorted(), [1, 2, 3, 4]);
});

Deno.test("a store may reject only keys above maxKeyBytes", async () => {
  const open = client(rejectingKeys(/^(?=.*[^ -~]).{300}/));
  const rule = "a key of 500 characters";
  assertMatch(String(await failureOf(LONG_KEYS, open)), new RegExp(`${rule} and 970 bytes`));
  assertMatch(String(await failureOf(LONG_KEYS, open, { maxKeyBytes: 1_500 })), new RegExp(rule));
  assertEquals(await failureOf(LONG_KEYS, open, { maxKeyBytes: 500 }), undefined);
});

Deno.test("a check rejects with the error of the store", async () => {
  const down = new Error("down");
  const call = (): Promise<never> => Promise.reject(down);
  const iterator = (): AsyncIterator<never> => ({ next: call });
  const iterable = (): AsyncIterable<never> => ({ [Symbol.asyncIterator]: iterator });
  const open = (): StatusStore => ({ read: call, write: call, readMany: call, list: iterable, watch: iterable });
  for (const { name, skipped } of storeChecks({ open })) {
    if (!skipped) assert(await failureOf(name, open) !== undefined, name);
  }
  assertEquals(await failureOf("write() creates a record once", open), down);
});

Deno.test("the checks of readMany(), list() and watch() pass for a store without them, and report says so", async () => {
  const lines: string[] = [];
  const optional = storeChecks({ open: store(), report: (line) => lines.push(line) })
    .filter(({ name }) => /^(readMany|list|watch)\(\)/.test(name));
  for (const { run } of optional) await run();
  const methods = optional.map(({ name }) => name.slice(0, name.indexOf(",")));
  assertEquals(
    lines,
    optional.map(({ name }, index) => `the store has no ${methods[index]}: "${name}" checks nothing`),
  );
  assertEquals(methods, [
    ...Array(5).fill("readMany()"),
    "list()",
    "list()",
    "list()",
    "watch()",
    "watch()",
    "watch()",
    "watch()",
  ]);
});

Deno.test("keyPrefix may have any length up to 64", async () => {
  for (const keyPrefix of ["", "x", "\u65e5".repeat(64)]) {
    assertEquals(await failureOf(LONG_KEYS, store(), { keyPrefix }), undefined);
  }
});

Deno.test("report receives the warnings of schedulers, and one failed call does not fail the check", async () => {
  const lines: string[] = [];
  const inner = new MemoryStore();
  const open = () =>
    new FaultyStore(inner, {
      script: ({ kind, count }) => kind === "write" && count === 2 ? { kind: "failAfter" } : undefined,
    });
  const report = (line: string) => lines.push(line);
  assertEquals(await failureOf("schedulers on two clients share a task", open, { report }), undefined);
  assertMatch(lines[0] ?? "", /a fault was injected: current value is failAfter/);
});

Deno.test("storeChecks() throws for an option that can't be used, and names it", () => {
  const open = store();
  const cases: [options: unknown, Kind: ErrorConstructor, message: string][] = [
    [undefined, TypeError, "its options must be an object: current value is undefined"],
    [{}, TypeError, '"open" is required: current value is undefined'],
    [{ open: new MemoryStore() }, TypeError, '"open" must be a function: current value is of type object'],
    [{ open, close: 1 }, TypeError, '"close" must be a function: current value is of type number'],
    [
      { open, opens: open },
      TypeError,
      '"opens" is not an option, did you mean "open"?: current value is of type function',
    ],
    [{ open, keyPrefix: 1 }, TypeError, '"keyPrefix" must be a string: current value is 1'],
    [{ open, keyPrefix: "\n" }, RangeError, '"keyPrefix" must be at most 64 printable characters: current value'],
    [{ open, keyPrefix: "x".repeat(65) }, RangeError, '"keyPrefix" must be at most 64 printable characters'],
    [{ open, maxKeyBytes: 0 }, RangeError, '"maxKeyBytes" must be a whole number of at least 1: current value is 0'],
    [{ open, raceRounds: 1.5 }, RangeError, '"raceRounds" must be a whole number of at least 1: current value is 1.5'],
    [{ open, raceTime: -1 }, RangeError, '"raceTime" must be milliseconds or units'],
    [{ open, callLimit: "1 s" }, TypeError, '"callLimit" must be milliseconds or units'],
  ];
  for (const [options, Kind, message] of cases) {
    assertThrows(() => storeChecks(options as StoreChecksOptions), Kind, `Cannot make the store checks as ${message}`);
  }
});

Deno.test("a check throws if open() does not return a store", async () => {
  for (const open of [() => undefined, () => ({ read() {} })]) {
    const [check] = storeChecks({ open: open as never });
    await assertRejects(check!.run, TypeError, "Cannot check the store as the store must be { read(), write() }");
  }
});

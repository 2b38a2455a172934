import { assert, assertEquals, assertMatch, assertRejects, assertThrows } from "@std/assert";
import { MemoryStore, type StatusStore, type StoreCallOptions } from "../../mod.ts";
import { FaultyStore, storeChecks, type StoreChecksOptions } from "../../src/testing/mod.ts";
import { client, refusing, store } from "./broken_stores.ts";
import { failureOf, inFakeTime } from "./play.ts";

const CREATE_RACE = "a race of 20 writers to create a record has one winner";
const REPLACE_RACE = "a race of 20 writers to replace a record has one winner";
const LENGTHS = "keys of up to 500 characters have records of their own";

/** Never answers, heeds its signal, and gives up by itself. */
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

Deno.test("a store that answers late passes all checks that need no server", async () => {
  const inner = new MemoryStore();
  const open = () => new FaultyStore(inner, { seed: 1, rates: { delay: 0.5, answerLate: 0.5 }, maxDelay: 5 });
  for (const { name, run, skipped } of storeChecks({ open, raceRounds: 3 })) {
    if (skipped) continue;
    assertEquals(await inFakeTime(run), undefined, name);
  }
});

Deno.test("a store that has its clock right and tells its time passes", async () => {
  const open = store({ show: (entry) => entry && { ...entry, storeTime: Date.UTC(2040, 0) } });
  const name = "the store's time, if it tells it, is in milliseconds and goes forward";
  assertEquals(await failureOf(name, open), undefined);
});

Deno.test("a store that refuses zero bytes, or reads them as none, passes", async () => {
  const name = "zero bytes are taken or refused, and the key stays usable";
  const refuses = store({
    take: (value) => {
      if (value.length === 0) throw new RangeError("zero bytes");
      return value.slice();
    },
  });
  const inner = store()();
  const readsNone: StatusStore = {
    read: async (key) => {
      const entry = await inner.read(key);
      return entry?.value.length ? entry : null;
    },
    write: async (key, value, version) => {
      const entry = await inner.read(key);
      return await inner.write(key, value, version ?? (entry?.value.length === 0 ? entry.version : null));
    },
  };
  for (const open of [refuses, () => readsNone]) assertEquals(await failureOf(name, open), undefined);
});

Deno.test("a store that throws for made-up versions passes, as nothing is written", async () => {
  const open = client((inner) => ({
    read: (key) => inner.read(key),
    write: (key, value, version) => {
      if (version !== null && !/^[1-9]\d*$/.test(version)) throw new RangeError("no version");
      return inner.write(key, value, version);
    },
  }));
  const name = "a version that was never answered for the key writes nothing";
  assertEquals(await failureOf(name, open), undefined);
});

Deno.test("a race goes on over writers that don't know what became of their writes", async () => {
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

Deno.test("a race has the rounds that it is told, or as many as its time allows", async () => {
  const lines: string[] = [];
  const report = (line: string) => lines.push(line);
  const race = async (options: Partial<StoreChecksOptions>, rounds: RegExp) => {
    assertEquals(await failureOf(CREATE_RACE, store(), { raceRounds: undefined, report, ...options }), undefined);
    assertMatch(lines.pop() ?? "", rounds);
  };
  await race({ raceRounds: 7, raceTime: 1 }, /^7 rounds of 20 writers that create a record, in \d+ ms$/);
  await race({}, /^1000 rounds of 20 writers/);
  await race({ raceTime: 1, open: client((inner) => inner, { begin: () => pause(2) }) }, /^1 rounds of 20 writers/);
});

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

Deno.test("a check that can't be run with the options says why, and its run is no pass", async () => {
  const skipped = storeChecks({ open: store(), equalBodiesMayShareVersions: true }).filter(({ skipped }) => skipped);
  assertEquals(skipped.map(({ name, skipped }) => [name, skipped]), [
    ["an equal record written again has a new version", "equalBodiesMayShareVersions is set"],
    ["a server that never answers is given up on at the client's limit", 'there is no option "openHung"'],
    ["a server that never answers is given up on when the signal aborts", 'there is no option "openHung"'],
    ["a server that fails is an error, neither a conflict nor an absent record", 'there is no option "openFailing"'],
  ]);
  for (const { skipped: reason, run } of skipped) {
    await assertRejects(run, Error, `Cannot run the check as it is skipped: current value is ${reason}`);
  }
});

Deno.test("each run of a check uses keys of its own, which begin with the prefix", async () => {
  const users = new Map<string, string>();
  const keyPrefix = "tests of my store/";
  const inner = new MemoryStore();
  const names = storeChecks({ open: store() }).map(({ name }) => name);
  assertEquals(new Set(names).size, names.length);
  for (const time of [1, 2]) {
    for (const [index, name] of names.entries()) {
      // whose keys are what they are
      if (name === "keys that are odd as a whole have records of their own") continue;
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

Deno.test("checks that run at once don't disturb each other", async () => {
  const inner = new MemoryStore();
  const checks = [1, 2, 3].flatMap(() => storeChecks({ open: () => inner, raceRounds: 5 }));
  await Promise.all(checks.map(({ skipped, run }) => skipped ? undefined : run()));
});

Deno.test("each client that a check opens is closed, pass or fail, and each check opens two at least", async () => {
  for (const habits of [{}, { accepts: () => true }]) {
    const make = store(habits);
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

Deno.test("a call that never ends fails its check at the limit", async () => {
  const open = (): StatusStore => ({ read: () => new Promise(() => {}), write: () => new Promise(() => {}) });
  const [first] = storeChecks({ open, callLimit: { milliseconds: 70 } });
  const failure = await inFakeTime(first!.run);
  assertMatch(
    String(failure),
    /Cannot accept the store as a call must be settled within 70 ms: current value is Unsettled: read\(\) is under way for more than 70 ms/,
  );
});

Deno.test("calls are made with a signal by one client and without options by the other", async () => {
  const seen = new Set<number>();
  const open = client((inner) => ({
    read: (...args) => {
      seen.add(args.length);
      return inner.read(...args);
    },
    write: (...args) => {
      seen.add(args.length);
      return inner.write(...args);
    },
  }));
  const [, created] = storeChecks({ open });
  await created!.run();
  assertEquals([...seen].toSorted(), [1, 2, 3, 4]);
});

Deno.test("keys above the store's limit may be refused, and those below it may not", async () => {
  const open = client(refusing(/^(?=.*[^ -~]).{300}/));
  const refusal = "a key of 500 characters";
  assertMatch(String(await failureOf(LENGTHS, open)), new RegExp(`${refusal} and 970 bytes`));
  assertMatch(String(await failureOf(LENGTHS, open, { maxKeyBytes: 1_500 })), new RegExp(refusal));
  assertEquals(await failureOf(LENGTHS, open, { maxKeyBytes: 500 }), undefined);
});

Deno.test("what the store throws fails the check as it is", async () => {
  const down = new Error("down");
  const open = store({ begin: () => Promise.reject(down) });
  for (const { name, skipped } of storeChecks({ open })) {
    if (!skipped) assert(await failureOf(name, open) !== undefined, name);
  }
  assertEquals(await failureOf("a record is created once", open), down);
});

Deno.test("prefixes of all lengths leave room for keys of all lengths", async () => {
  for (const keyPrefix of ["", "x", "\u65e5".repeat(64)]) {
    assertEquals(await failureOf(LENGTHS, store(), { keyPrefix }), undefined);
  }
});

Deno.test("warnings of schedulers are reported, and a call that fails once does no harm", async () => {
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

Deno.test("options of storeChecks are refused by name", () => {
  const open = store();
  const cases: [options: unknown, Kind: ErrorConstructor, message: string][] = [
    [undefined, TypeError, "its options must be an object: current value is undefined"],
    [{}, TypeError, '"open" must be a function: current value is undefined'],
    [{ open: new MemoryStore() }, TypeError, '"open" must be a function: current value is {}'],
    [{ open, close: 1 }, TypeError, '"close" must be a function: current value is 1'],
    [{ open, opne: open }, TypeError, '"opne" must be left out: current value is of type function'],
    [{ open, keyPrefix: 1 }, TypeError, '"keyPrefix" must be a string: current value is 1'],
    [{ open, keyPrefix: "\n" }, RangeError, '"keyPrefix" must be at most 64 printable characters: current value'],
    [{ open, keyPrefix: "x".repeat(65) }, RangeError, '"keyPrefix" must be at most 64 printable characters'],
    [{ open, maxKeyBytes: 0 }, RangeError, '"maxKeyBytes" must be a whole number from 1 on: current value is 0'],
    [{ open, raceRounds: 1.5 }, RangeError, '"raceRounds" must be a whole number from 1 on: current value is 1.5'],
    [{ open, raceTime: -1 }, RangeError, '"raceTime" must be milliseconds or units'],
    [{ open, callLimit: "1 s" }, TypeError, '"callLimit" must be milliseconds or units'],
  ];
  for (const [options, Kind, message] of cases) {
    assertThrows(() => storeChecks(options as StoreChecksOptions), Kind, `Cannot make the store checks as ${message}`);
  }
});

Deno.test("what is no store is refused when a check opens it", async () => {
  for (const open of [() => undefined, () => ({ read() {} })]) {
    const [check] = storeChecks({ open: open as never });
    await assertRejects(check!.run, TypeError, "Cannot check the store as the store must be { read(), write() }");
  }
});

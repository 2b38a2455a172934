import { assert, assertEquals } from "@std/assert";
import type { Logger } from "../../mod.ts";
import { logEveryLine } from "./every_line.ts";

const error = new Error("the disk is full");

/** What a logger's methods may do instead of logging. */
const HARM: Readonly<Record<string, () => unknown>> = {
  "throws an Error": () => {
    throw error;
  },
  "throws what is no Error": () => {
    throw undefined;
  },
  "rejects": () => Promise.reject(error),
  "rejects later": async () => {
    await undefined;
    throw "text";
  },
  "answers with a thenable that throws": () => ({
    then: () => {
      throw error;
    },
  }),
  "answers with a thenable that rejects": () => ({
    then: (_resolve: unknown, reject: (error: unknown) => void) => reject(error),
  }),
  "answers with an object whose then can't be read": () => ({
    get then() {
      throw error;
    },
  }),
  "answers with a promise that is never settled": () => new Promise(() => {}),
};

/** Calls back and answers with what was rejected meanwhile and handled by nobody. */
async function unhandledDuring(call: () => Promise<void>): Promise<unknown[]> {
  const reasons: unknown[] = [];
  const note = (event: PromiseRejectionEvent): void => {
    event.preventDefault();
    reasons.push(event.reason);
  };
  globalThis.addEventListener("unhandledrejection", note);
  try {
    await call();
    // a rejection is told of only after the microtasks
    await new Promise((resolve) => setTimeout(resolve));
  } finally {
    globalThis.removeEventListener("unhandledrejection", note);
  }
  return reasons;
}

Deno.test("what is rejected and handled by nobody would be noticed", async () => {
  const reasons = await unhandledDuring(() => {
    Promise.reject(error);
    return Promise.resolve();
  });
  assertEquals(reasons, [error]);
});

for (const [harm, method] of Object.entries(HARM)) {
  Deno.test(`a logger that ${harm} neither stops the loop nor escapes`, async () => {
    const log: Logger = { debug: method, info: method, warn: method, error: method };
    const unhandled = await unhandledDuring(async () => {
      assertEquals(await logEveryLine("backup", log), 3);
    });
    assertEquals(unhandled, []);
  });
}

Deno.test("a logger that loses its methods neither stops the loop nor escapes", async () => {
  const log: Partial<Logger> = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
  const unhandled = await unhandledDuring(async () => {
    const runs = await logEveryLine("backup", log as Logger, () => {
      delete log.error;
      Object.defineProperty(log, "info", { get: () => HARM["throws an Error"]?.() });
      throw error;
    });
    assertEquals(runs, 3);
  });
  assertEquals(unhandled, []);
});

Deno.test("a logger is called as a method of its object", async () => {
  const calls: boolean[] = [];
  class Strict implements Logger {
    #mine = true;
    debug = (): void => {};
    info(): void {
      calls.push(this.#mine);
    }
    warn(): void {
      calls.push(this.#mine);
    }
    error(): void {
      calls.push(this.#mine);
    }
  }
  await logEveryLine("backup", new Strict());
  assertEquals(calls.length, 7);
  assert(calls.every((isMine) => isMine));
});

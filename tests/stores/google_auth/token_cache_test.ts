import { assert, assertEquals, assertRejects, assertStrictEquals, assertStringIncludes } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { applicationDefault } from "../../../stores/google_auth/application_default.ts";
import type { TokenSource } from "../../../stores/http/token_source.ts";
import {
  EXTERNAL,
  FakeGoogleAuth,
  FakeHost,
  granted,
  IMPERSONATION,
  noAnswer,
  PERSON,
  rejected,
} from "../helpers/fake_google_auth.ts";
import { settleInSteps } from "../helpers/settle.ts";

const HOUR_MS = 3_600_000;
/** How long before its end a token is renewed. */
const RENEW_BEFORE_END_MS = 225_000;

/** Fake time, the credentials of a person, the token servers and a token source. */
class CacheSetup implements AsyncDisposable {
  readonly time: FakeTime;
  readonly host: FakeHost;
  readonly server: FakeGoogleAuth;
  readonly token: TokenSource;

  private constructor(time: FakeTime, host: FakeHost) {
    this.time = time;
    this.host = host;
    this.server = new FakeGoogleAuth();
    this.token = applicationDefault({ scope: "scope", fetch: this.server.fetch });
  }

  static async create(): Promise<CacheSetup> {
    const setup = new CacheSetup(new FakeTime(1_700_000_000_000), await FakeHost.start());
    await setup.host.credentials(PERSON);
    return setup;
  }

  /** The number of requests. */
  get requests(): number {
    return this.server.requests.length;
  }

  /** Waits, without fake time, for a number of requests. */
  async untilRequested(times: number): Promise<void> {
    while (this.requests < times) await this.time.runMicrotasks();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.time.restore();
    await this.host[Symbol.asyncDispose]();
  }
}

Deno.test("a token is renewed some minutes before it expires", async () => {
  await using setup = await CacheSetup.create();
  assertEquals(await setup.token(), "token-1");
  setup.time.tick(HOUR_MS - RENEW_BEFORE_END_MS - 1);
  assertEquals(await setup.token(), "token-1");
  setup.time.tick(1);
  assertEquals(await setup.token(), "token-2");
  assertEquals(await setup.token(), "token-2");
  assertEquals(setup.requests, 2);
});

Deno.test("a short-lived token is renewed after three quarters of its validity", async () => {
  await using setup = await CacheSetup.create();
  setup.server.script("token", () => granted("short", "100"));
  assertEquals(await setup.token(), "short");
  setup.time.tick(74_999);
  assertEquals(await setup.token(), "short");
  setup.time.tick(1);
  assertEquals(await setup.token(), "token-1");
});

Deno.test("a token is valid for five minutes by default, and for 12 hours at most", async () => {
  await using setup = await CacheSetup.create();
  for (const [expiresIn, validityMs] of [[null, 300_000], ["soon", 300_000], [1e9, 12 * HOUR_MS]] as const) {
    setup.server.script("token", () => granted("first", expiresIn), () => granted("next"));
    const token = applicationDefault({ scope: "scope", fetch: setup.server.fetch });
    await token();
    setup.time.tick(validityMs - Math.min(RENEW_BEFORE_END_MS, validityMs / 4) - 1);
    assertEquals(await token(), "first");
    setup.time.tick(1);
    assertEquals(await token(), "next");
  }
});

Deno.test("a token that has expired is used once", async () => {
  await using setup = await CacheSetup.create();
  setup.server.script("token", () => granted("over", 0), () => granted("past", -5));
  assertEquals(await setup.token(), "over");
  assertEquals(await setup.token(), "past");
  assertEquals(await setup.token(), "token-1");
});

Deno.test("the validity of a token starts before its request", async () => {
  await using setup = await CacheSetup.create();
  setup.server.script("token", async () => {
    await Promise.resolve();
    setup.time.tick(2_000);
    return granted("slow", 100);
  });
  await setup.token();
  setup.time.tick(73_000);
  assertEquals(await setup.token(), "token-1");
});

Deno.test("a clock that is set back does not extend the validity of a token", async () => {
  await using host = await FakeHost.start();
  await host.credentials(PERSON);
  await using server = new FakeGoogleAuth();
  const token = applicationDefault({ scope: "scope", fetch: server.fetch });
  const { now } = Date;
  await token();
  const startMs = performance.now();
  Date.now = () => now() - 24 * HOUR_MS;
  performance.now = () => startMs + HOUR_MS - RENEW_BEFORE_END_MS;
  try {
    assertEquals(await token(), "token-2");
  } finally {
    Date.now = now;
    Reflect.deleteProperty(performance, "now");
  }
});

Deno.test("concurrent callers share one request", async () => {
  await using setup = await CacheSetup.create();
  const tokens = await Promise.all(Array.from({ length: 20 }, () => setup.token()));
  assertEquals(new Set(tokens), new Set(["token-1"]));
  assertEquals(setup.requests, 1);
});

Deno.test("concurrent callers share a failure, and the next call tries again", async () => {
  await using setup = await CacheSetup.create();
  setup.server.script("token", () => rejected(401, "invalid_client"));
  const outcomes = await Promise.allSettled([setup.token(), setup.token()]);
  assertEquals(outcomes.map(({ status }) => status), ["rejected", "rejected"]);
  assertEquals(await setup.token(), "token-1");
  assertEquals(setup.requests, 2);
});

Deno.test("a fresh token is new and cached", async () => {
  await using setup = await CacheSetup.create();
  assertEquals(await setup.token(), "token-1");
  assertEquals(await setup.token({ fresh: true }), "token-2");
  assertEquals(await Promise.all([setup.token({ fresh: true }), setup.token({ fresh: true })]), ["token-3", "token-3"]);
  assertEquals(await setup.token(), "token-3");
});

Deno.test("a fresh token that fails throws, even if the old one is valid", async () => {
  await using setup = await CacheSetup.create();
  await setup.token();
  setup.server.script("token", () => rejected(400, "invalid_grant"));
  await assertRejects(async () => await setup.token({ fresh: true }), Error, "invalid_grant");
  assertEquals(await setup.token(), "token-1");
});

Deno.test("credentials are read again for each token", async () => {
  await using setup = await CacheSetup.create();
  await setup.token();
  await setup.host.credentials({ ...PERSON, refresh_token: "rotated" });
  setup.time.tick(HOUR_MS);
  await setup.token();
  assertEquals(setup.server.requests.map(({ form }) => form.refresh_token), [PERSON.refresh_token, "rotated"]);
});

for (const [random, retryDelayMs] of [[0, 15_000], [0.5, 22_500]] as const) {
  Deno.test(`a failed renewal returns the old token, and is retried after ${retryDelayMs} ms`, async () => {
    await using setup = await CacheSetup.create();
    await setup.token();
    setup.time.tick(HOUR_MS - RENEW_BEFORE_END_MS);
    setup.server.always("token", () => rejected(401, "unavailable"));
    const real = Math.random;
    Math.random = () => random;
    try {
      assertEquals(await setup.token(), "token-1");
      assertEquals(setup.requests, 2);
      setup.time.tick(retryDelayMs - 1);
      assertEquals(await setup.token(), "token-1");
      assertEquals(setup.requests, 2);
      setup.time.tick(1);
      assertEquals(await setup.token(), "token-1");
      assertEquals(setup.requests, 3);
    } finally {
      Math.random = real;
    }

    // it is not sent in the last 10 seconds of its validity
    setup.time.tick(RENEW_BEFORE_END_MS - retryDelayMs - 10_000 - 1);
    assertEquals(await setup.token(), "token-1");
    setup.time.tick(1);
    await assertRejects(async () => await setup.token(), Error, "unavailable");
  });
}

Deno.test("a successful renewal resets the retry delay", async () => {
  await using setup = await CacheSetup.create();
  setup.server.script("token", () => granted("one", 100), () => rejected(401), () => granted("two", 8));
  await setup.token();
  setup.time.tick(80_000);
  assertEquals(await setup.token(), "one");
  assertEquals(await setup.token({ fresh: true }), "two");
  setup.time.tick(6_000);
  assertEquals(await setup.token(), "token-1");
});

Deno.test("a renewal takes at most 3 s while the old token is valid", async () => {
  await using setup = await CacheSetup.create();
  await setup.token();
  setup.time.tick(HOUR_MS - RENEW_BEFORE_END_MS);
  setup.server.always("token", noAnswer);

  const { value, afterMs } = await settleInSteps(setup.time, setup.token(), { isReady: () => setup.requests === 2 });

  assertEquals(value, "token-1");
  assert(afterMs >= 3_000 && afterMs <= 3_200, `${afterMs} ms`);
  assertEquals(await setup.token(), "token-1");
});

Deno.test("a sign-in takes at most 6 s, and the error names the server that did not answer", async () => {
  await using setup = await CacheSetup.create();
  setup.server.always("token", noAnswer);

  const { error, afterMs } = await settleInSteps(setup.time, setup.token(), { isReady: () => setup.requests === 1 });

  assert(afterMs >= 6_000 && afterMs <= 6_200, `${afterMs} ms`);
  const { message } = error as Error;
  assertStringIncludes(message, "Cannot sign in to Google as it took too long: current value is 6000 ms");
  assertStringIncludes(message, "waiting for oauth2.googleapis.com/token (before: no answer (timed out))");
});

Deno.test("the error of a slow sign-in names the last server", async () => {
  await using setup = await CacheSetup.create();
  const credential_source = { url: "https://ids.example/provider" };
  await setup.host.credentials({ ...EXTERNAL, credential_source, service_account_impersonation_url: IMPERSONATION });
  const slowly = (answer: Response) => (): Promise<Response> =>
    new Promise((resolve) => setTimeout(() => resolve(answer), 2_500));
  setup.server.script("provider", slowly(new Response("subject")));
  setup.server.script("sts", slowly(granted("own")));
  setup.server.always("impersonate", noAnswer);

  const { error } = await settleInSteps(setup.time, setup.token(), { isReady: () => setup.requests === 1 });

  assert(String(error).endsWith(`waiting for ${IMPERSONATION.replace("https://", "")}`), String(error));
});

Deno.test("a caller that aborts rejects at once, and the others get their token", async () => {
  await using setup = await CacheSetup.create();
  const answer = Promise.withResolvers<Response>();
  setup.server.script("token", () => answer.promise);
  const controller = new AbortController();
  const reason = new Error("stopped");

  const aborted = setup.token({ signal: controller.signal });
  const other = setup.token({ signal: new AbortController().signal });
  await setup.untilRequested(1);
  controller.abort(reason);

  assertStrictEquals(await assertRejects(async () => await aborted), reason);
  answer.resolve(granted("shared"));
  assertEquals(await other, "shared");
  assertEquals(setup.requests, 1);
});

Deno.test("a caller with an aborted signal sends nothing", async () => {
  await using setup = await CacheSetup.create();
  const reason = new Error("stopped");
  const signal = AbortSignal.abort(reason);
  assertStrictEquals(await assertRejects(async () => await setup.token({ signal })), reason);
  assertEquals(setup.requests, 0);
});

Deno.test("a caller that aborts during a renewal does not get the old token", async () => {
  await using setup = await CacheSetup.create();
  await setup.token();
  setup.time.tick(HOUR_MS - RENEW_BEFORE_END_MS);
  setup.server.script("token", noAnswer);
  const controller = new AbortController();
  const reason = new Error("stopped");

  const token = setup.token({ signal: controller.signal });
  await setup.untilRequested(2);
  controller.abort(reason);

  assertStrictEquals(await assertRejects(async () => await token), reason);
  // an abort is not a failure of the server
  assertEquals(await setup.token(), "token-2");
});

Deno.test("the request ends when all callers have aborted, and the next caller starts a new one", async () => {
  await using setup = await CacheSetup.create();
  setup.server.script("token", noAnswer);
  const controllers = [new AbortController(), new AbortController()];

  const tokens = controllers.map(({ signal }) => setup.token({ signal }));
  await setup.untilRequested(1);
  for (const controller of controllers) controller.abort(new Error("stopped"));

  for (const token of tokens) await assertRejects(async () => await token, Error, "stopped");
  assertEquals(setup.server.aborted, 1);
  assertEquals(await setup.token(), "token-1");
  assertEquals(setup.requests, 2);
});

Deno.test("a caller that aborts and calls again gets a token", async () => {
  await using setup = await CacheSetup.create();
  setup.server.script("token", noAnswer);
  const controller = new AbortController();
  const token = Promise.resolve(setup.token({ signal: controller.signal })).catch(() => setup.token());
  await setup.untilRequested(1);
  controller.abort(new Error("stopped"));
  assertEquals(await token, "token-1");
});

Deno.test("a call leaves no listener on its signal", async () => {
  await using setup = await CacheSetup.create();
  const { signal } = new AbortController();
  let listeners = 0;
  const { addEventListener, removeEventListener } = signal;
  Object.assign(signal, {
    addEventListener(...args: Parameters<typeof addEventListener>) {
      listeners++;
      addEventListener.apply(signal, args);
    },
    removeEventListener(...args: Parameters<typeof removeEventListener>) {
      listeners--;
      removeEventListener.apply(signal, args);
    },
  });
  await setup.token({ signal });
  setup.server.script("token", () => rejected(400));
  await assertRejects(async () => await setup.token({ fresh: true, signal }));
  assertEquals(listeners, 0);
});

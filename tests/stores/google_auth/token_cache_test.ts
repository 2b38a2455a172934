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
  PERSON,
  refused,
  silence,
} from "../helpers/fake_google_auth.ts";
import { settleInSteps } from "../helpers/settle.ts";

const HOUR_MS = 3_600_000;
/** How long before its end a token is renewed. */
const AHEAD_MS = 225_000;

/** Faked time, a person's credentials, the servers, and a source of tokens. */
class Stage implements AsyncDisposable {
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

  static async set(): Promise<Stage> {
    const stage = new Stage(new FakeTime(1_700_000_000_000), await FakeHost.start());
    await stage.host.credentials(PERSON);
    return stage;
  }

  get asked(): number {
    return this.server.requests.length;
  }

  /** Waits, in real turns alone, until the servers have been asked so often. */
  async untilAsked(times: number): Promise<void> {
    while (this.asked < times) await this.time.runMicrotasks();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.time.restore();
    await this.host[Symbol.asyncDispose]();
  }
}

Deno.test("a token is renewed some minutes before it expires", async () => {
  await using stage = await Stage.set();
  assertEquals(await stage.token(), "token-1");
  stage.time.tick(HOUR_MS - AHEAD_MS - 1);
  assertEquals(await stage.token(), "token-1");
  stage.time.tick(1);
  assertEquals(await stage.token(), "token-2");
  assertEquals(await stage.token(), "token-2");
  assertEquals(stage.asked, 2);
});

Deno.test("a short-lived token is renewed after three quarters of its validity", async () => {
  await using stage = await Stage.set();
  stage.server.script("token", () => granted("short", "100"));
  assertEquals(await stage.token(), "short");
  stage.time.tick(74_999);
  assertEquals(await stage.token(), "short");
  stage.time.tick(1);
  assertEquals(await stage.token(), "token-1");
});

Deno.test("a token is valid for five minutes by default, and for 12 hours at most", async () => {
  await using stage = await Stage.set();
  for (const [expiresIn, lifeMs] of [[null, 300_000], ["soon", 300_000], [1e9, 12 * HOUR_MS]] as const) {
    stage.server.script("token", () => granted("odd", expiresIn), () => granted("next"));
    const token = applicationDefault({ scope: "scope", fetch: stage.server.fetch });
    await token();
    stage.time.tick(lifeMs - Math.min(AHEAD_MS, lifeMs / 4) - 1);
    assertEquals(await token(), "odd");
    stage.time.tick(1);
    assertEquals(await token(), "next");
  }
});

Deno.test("a token that has expired is used once", async () => {
  await using stage = await Stage.set();
  stage.server.script("token", () => granted("over", 0), () => granted("past", -5));
  assertEquals(await stage.token(), "over");
  assertEquals(await stage.token(), "past");
  assertEquals(await stage.token(), "token-1");
});

Deno.test("the validity of a token starts before its request", async () => {
  await using stage = await Stage.set();
  stage.server.script("token", async () => {
    await Promise.resolve();
    stage.time.tick(2_000);
    return granted("slow", 100);
  });
  await stage.token();
  stage.time.tick(73_000);
  assertEquals(await stage.token(), "token-1");
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
  performance.now = () => startMs + HOUR_MS - AHEAD_MS;
  try {
    assertEquals(await token(), "token-2");
  } finally {
    Date.now = now;
    Reflect.deleteProperty(performance, "now");
  }
});

Deno.test("concurrent callers share one request", async () => {
  await using stage = await Stage.set();
  const tokens = await Promise.all(Array.from({ length: 20 }, () => stage.token()));
  assertEquals(new Set(tokens), new Set(["token-1"]));
  assertEquals(stage.asked, 1);
});

Deno.test("concurrent callers share a failure, and the next call tries again", async () => {
  await using stage = await Stage.set();
  stage.server.script("token", () => refused(401, "invalid_client"));
  const outcomes = await Promise.allSettled([stage.token(), stage.token()]);
  assertEquals(outcomes.map(({ status }) => status), ["rejected", "rejected"]);
  assertEquals(await stage.token(), "token-1");
  assertEquals(stage.asked, 2);
});

Deno.test("a fresh token is new and cached", async () => {
  await using stage = await Stage.set();
  assertEquals(await stage.token(), "token-1");
  assertEquals(await stage.token({ fresh: true }), "token-2");
  assertEquals(await Promise.all([stage.token({ fresh: true }), stage.token({ fresh: true })]), ["token-3", "token-3"]);
  assertEquals(await stage.token(), "token-3");
});

Deno.test("a fresh token that fails throws, even if the old one is valid", async () => {
  await using stage = await Stage.set();
  await stage.token();
  stage.server.script("token", () => refused(400, "invalid_grant"));
  await assertRejects(async () => await stage.token({ fresh: true }), Error, "invalid_grant");
  assertEquals(await stage.token(), "token-1");
});

Deno.test("credentials are read again for each token", async () => {
  await using stage = await Stage.set();
  await stage.token();
  await stage.host.credentials({ ...PERSON, refresh_token: "rotated" });
  stage.time.tick(HOUR_MS);
  await stage.token();
  assertEquals(stage.server.requests.map(({ form }) => form.refresh_token), [PERSON.refresh_token, "rotated"]);
});

for (const [random, retryDelayMs] of [[0, 15_000], [0.5, 22_500]] as const) {
  Deno.test(`a failed renewal returns the old token, and is retried after ${retryDelayMs} ms`, async () => {
    await using stage = await Stage.set();
    await stage.token();
    stage.time.tick(HOUR_MS - AHEAD_MS);
    stage.server.always("token", () => refused(401, "unavailable"));
    const real = Math.random;
    Math.random = () => random;
    try {
      assertEquals(await stage.token(), "token-1");
      assertEquals(stage.asked, 2);
      stage.time.tick(retryDelayMs - 1);
      assertEquals(await stage.token(), "token-1");
      assertEquals(stage.asked, 2);
      stage.time.tick(1);
      assertEquals(await stage.token(), "token-1");
      assertEquals(stage.asked, 3);
    } finally {
      Math.random = real;
    }

    // it is not sent in the last seconds of its life
    stage.time.tick(AHEAD_MS - retryDelayMs - 10_000 - 1);
    assertEquals(await stage.token(), "token-1");
    stage.time.tick(1);
    await assertRejects(async () => await stage.token(), Error, "unavailable");
  });
}

Deno.test("a successful renewal resets the retry delay", async () => {
  await using stage = await Stage.set();
  stage.server.script("token", () => granted("one", 100), () => refused(401), () => granted("two", 8));
  await stage.token();
  stage.time.tick(80_000);
  assertEquals(await stage.token(), "one");
  assertEquals(await stage.token({ fresh: true }), "two");
  stage.time.tick(6_000);
  assertEquals(await stage.token(), "token-1");
});

Deno.test("a renewal takes at most 3 s while the old token is valid", async () => {
  await using stage = await Stage.set();
  await stage.token();
  stage.time.tick(HOUR_MS - AHEAD_MS);
  stage.server.always("token", silence);

  const { value, afterMs } = await settleInSteps(stage.time, stage.token(), { isReady: () => stage.asked === 2 });

  assertEquals(value, "token-1");
  assert(afterMs >= 3_000 && afterMs <= 3_200, `${afterMs} ms`);
  assertEquals(await stage.token(), "token-1");
});

Deno.test("a sign-in takes at most 6 s, and the error names the server that did not answer", async () => {
  await using stage = await Stage.set();
  stage.server.always("token", silence);

  const { error, afterMs } = await settleInSteps(stage.time, stage.token(), { isReady: () => stage.asked === 1 });

  assert(afterMs >= 6_000 && afterMs <= 6_200, `${afterMs} ms`);
  const { message } = error as Error;
  assertStringIncludes(message, "Cannot sign in to Google as it took too long: current value is 6000 ms");
  assertStringIncludes(message, "waiting for oauth2.googleapis.com/token (before: no answer (timed out))");
});

Deno.test("the error of a slow sign-in names the last server", async () => {
  await using stage = await Stage.set();
  const credential_source = { url: "https://ids.example/provider" };
  await stage.host.credentials({ ...EXTERNAL, credential_source, service_account_impersonation_url: IMPERSONATION });
  const slowly = (answer: Response) => (): Promise<Response> =>
    new Promise((resolve) => setTimeout(() => resolve(answer), 2_500));
  stage.server.script("provider", slowly(new Response("subject")));
  stage.server.script("sts", slowly(granted("own")));
  stage.server.always("impersonate", silence);

  const { error } = await settleInSteps(stage.time, stage.token(), { isReady: () => stage.asked === 1 });

  assert(String(error).endsWith(`waiting for ${IMPERSONATION.replace("https://", "")}`), String(error));
});

Deno.test("a caller that aborts rejects at once, and the others get their token", async () => {
  await using stage = await Stage.set();
  const answer = Promise.withResolvers<Response>();
  stage.server.script("token", () => answer.promise);
  const controller = new AbortController();
  const reason = new Error("stopped");

  const impatient = stage.token({ signal: controller.signal });
  const patient = stage.token({ signal: new AbortController().signal });
  await stage.untilAsked(1);
  controller.abort(reason);

  assertStrictEquals(await assertRejects(async () => await impatient), reason);
  answer.resolve(granted("shared"));
  assertEquals(await patient, "shared");
  assertEquals(stage.asked, 1);
});

Deno.test("a caller with an aborted signal sends nothing", async () => {
  await using stage = await Stage.set();
  const reason = new Error("stopped");
  const signal = AbortSignal.abort(reason);
  assertStrictEquals(await assertRejects(async () => await stage.token({ signal })), reason);
  assertEquals(stage.asked, 0);
});

Deno.test("a caller that aborts during a renewal does not get the old token", async () => {
  await using stage = await Stage.set();
  await stage.token();
  stage.time.tick(HOUR_MS - AHEAD_MS);
  stage.server.script("token", silence);
  const controller = new AbortController();
  const reason = new Error("stopped");

  const token = stage.token({ signal: controller.signal });
  await stage.untilAsked(2);
  controller.abort(reason);

  assertStrictEquals(await assertRejects(async () => await token), reason);
  // nor does it count as a failure of the server
  assertEquals(await stage.token(), "token-2");
});

Deno.test("the request ends when all callers have aborted, and the next caller starts a new one", async () => {
  await using stage = await Stage.set();
  stage.server.script("token", silence);
  const controllers = [new AbortController(), new AbortController()];

  const tokens = controllers.map(({ signal }) => stage.token({ signal }));
  await stage.untilAsked(1);
  for (const controller of controllers) controller.abort(new Error("stopped"));

  for (const token of tokens) await assertRejects(async () => await token, Error, "stopped");
  assertEquals(stage.server.abandoned, 1);
  assertEquals(await stage.token(), "token-1");
  assertEquals(stage.asked, 2);
});

Deno.test("a caller that aborts and calls again gets a token", async () => {
  await using stage = await Stage.set();
  stage.server.script("token", silence);
  const controller = new AbortController();
  const token = Promise.resolve(stage.token({ signal: controller.signal })).catch(() => stage.token());
  await stage.untilAsked(1);
  controller.abort(new Error("stopped"));
  assertEquals(await token, "token-1");
});

Deno.test("a call leaves no listener on its signal", async () => {
  await using stage = await Stage.set();
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
  await stage.token({ signal });
  stage.server.script("token", () => refused(400));
  await assertRejects(async () => await stage.token({ fresh: true, signal }));
  assertEquals(listeners, 0);
});

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { applicationDefault } from "../../../stores/google_auth/application_default.ts";
import { EXTERNAL, FakeGoogleAuth, FakeHost, granted, PERSON, rejected } from "../helpers/fake_google_auth.ts";
import { settleInSteps } from "../helpers/settle.ts";

for (const status of [408, 429, 500, 502, 503, 599]) {
  Deno.test(`a token request retries HTTP ${status} after a wait`, async () => {
    using time = new FakeTime();
    await using host = await FakeHost.start();
    await host.credentials(PERSON);
    await using server = new FakeGoogleAuth();
    server.script("token", () => rejected(status), () => rejected(status));

    const { value, afterMs } = await settleInSteps(
      time,
      applicationDefault({ scope: "scope", fetch: server.fetch })(),
      {
        isReady: () => server.requests.length > 0,
      },
    );

    assertEquals(value, "token-1");
    assert(afterMs >= 500 && afterMs <= 1_700, `${afterMs} ms`);
  });
}

Deno.test("a token request is sent at most three times", async () => {
  using time = new FakeTime();
  await using host = await FakeHost.start();
  await host.credentials(PERSON);
  await using server = new FakeGoogleAuth();
  server.always("token", () => rejected(503, "backend_error", "try\nagain"));

  const { error } = await settleInSteps(time, applicationDefault({ scope: "scope", fetch: server.fetch })());

  assertEquals(server.requests.length, 3);
  assertStringIncludes(
    String(error),
    "oauth2.googleapis.com/token rejected the request: current value is HTTP 503 (backend_error: try again)",
  );
});

for (const status of [400, 401, 403, 404, 302, 307]) {
  Deno.test(`a token request does not retry HTTP ${status}`, async () => {
    await using host = await FakeHost.start();
    await host.credentials(PERSON);
    await using server = new FakeGoogleAuth();
    const headers = { location: "https://elsewhere.example/token" };
    server.script("token", () => new Response(null, { status, headers }));

    const [outcome] = await Promise.allSettled([applicationDefault({ scope: "scope", fetch: server.fetch })()]);

    assertStringIncludes(String((outcome as PromiseRejectedResult).reason), `current value is HTTP ${status}`);
    assertEquals(server.requests.length, 1);
  });
}

Deno.test("a token request does not follow redirects over a network", async () => {
  await using host = await FakeHost.start();
  await using server = new FakeGoogleAuth();
  const address = server.listen();
  await host.credentials({ ...PERSON, token_uri: `${address}/token` });
  server.script("token", () => new Response(null, { status: 307, headers: { location: `${address}/other/token` } }));

  const [outcome] = await Promise.allSettled([applicationDefault({ scope: "scope" })()]);

  assertStringIncludes(
    String((outcome as PromiseRejectedResult).reason),
    "HTTP 307 (redirects are not followed)",
  );
  assertEquals(server.requests.length, 1);
});

Deno.test("requests for tokens and subject tokens are retried without an answer", async () => {
  using time = new FakeTime();
  await using host = await FakeHost.start();
  await host.credentials({ ...EXTERNAL, credential_source: { url: "https://ids.example/provider" } });
  await using server = new FakeGoogleAuth();
  const failing = (): never => {
    throw new TypeError("connection reset", { cause: { code: "ECONNRESET" } });
  };
  server.script("provider", failing, () => new Response("subject"));
  server.script("sts", failing, () => granted("token"));

  const { value } = await settleInSteps(time, applicationDefault({ scope: "scope", fetch: server.fetch })());

  assertEquals(value, "token");
  assertEquals(server.requests.length, 4);
});

Deno.test("errors show a failed token request in known words", async () => {
  using time = new FakeTime();
  await using host = await FakeHost.start();
  await host.credentials(PERSON);
  const faultOf = async (failure: unknown): Promise<string> => {
    const fetch = (): Promise<Response> => Promise.reject(failure);
    const { error } = await settleInSteps(time, applicationDefault({ scope: "scope", fetch })());
    return (error as Error).message.replace(/.*can't be reached: current value is /, "");
  };

  const cause = Object.assign(new Error("connect"), { code: "ECONNREFUSED" });
  assertEquals(await faultOf(new TypeError("fetch failed", { cause })), "no answer (ECONNREFUSED)");
  assertEquals(await faultOf(new Error("Connection refused (os error 111)")), "no answer (connection refused)");
  assertEquals(await faultOf(new Error("some text")), "no answer (the network or `fetch` failed)");
  assertEquals(await faultOf(undefined), "no answer (the network or `fetch` failed)");
  const endless: { cause?: unknown } = {};
  endless.cause = endless;
  assertEquals(await faultOf(endless), "no answer (the network or `fetch` failed)");
});

Deno.test("errors tell an unreachable server from one that rejects the request", async () => {
  await using host = await FakeHost.start();
  const server = new FakeGoogleAuth();
  const address = server.listen();
  await server[Symbol.asyncDispose]();
  await host.credentials({ ...PERSON, token_uri: `${address}/token` });

  const [outcome] = await Promise.allSettled([applicationDefault({ scope: "scope" })()]);

  const { message } = (outcome as PromiseRejectedResult).reason as Error;
  assert(
    /^Cannot sign in to Google as 127\.0\.0\.1:\d+\/token can't be reached: current value is no answer \(/.test(
      message,
    ),
  );
  assert(/refused/i.test(message), message);
});

Deno.test("fetch is looked up at each request by default", async () => {
  await using host = await FakeHost.start();
  await host.credentials(PERSON);
  await using server = new FakeGoogleAuth();
  const token = applicationDefault({ scope: "scope" });
  const real = globalThis.fetch;
  globalThis.fetch = server.fetch;
  try {
    assertEquals(await token(), "token-1");
  } finally {
    globalThis.fetch = real;
  }
});

Deno.test("applicationDefault() rejects an answer without a valid token", async () => {
  await using host = await FakeHost.start();
  await host.credentials(PERSON);
  await using server = new FakeGoogleAuth();
  const answers = [
    {},
    { access_token: "" },
    { access_token: 5 },
    { access_token: "a b" },
    { access_token: "a\nb" },
    [],
  ];
  for (const answer of [...answers.map((fields) => JSON.stringify(fields)), "no JSON", "null", ""]) {
    server.always("token", () => new Response(answer));
    const [outcome] = await Promise.allSettled([applicationDefault({ scope: "scope", fetch: server.fetch })()]);
    assertStringIncludes(
      String((outcome as PromiseRejectedResult).reason),
      "the response of oauth2.googleapis.com/token must hold a token: current value is of type ",
    );
  }
});

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { GcsStore, type TokenSource } from "../../../stores/gcs.ts";
import type { Fault } from "../../helpers/fault_service.ts";
import { errorOf } from "../helpers/errors.ts";
import { faultFetch } from "../helpers/fault_fetch.ts";
import { environment } from "../helpers/globals.ts";
import { settle } from "../helpers/settle.ts";
import { RECORD, setUp, storeOn, TOKEN } from "./setup.ts";

const UNAUTHORIZED: Fault = { reply: { status: 401 } };

/** A token source with numbered tokens, and the `fresh` flags that it was called with. */
function numberedTokens(): { readonly token: TokenSource; readonly freshFlags: (boolean | undefined)[] } {
  const freshFlags: (boolean | undefined)[] = [];
  return {
    freshFlags,
    token: ({ fresh, signal } = {}) => {
      assert(signal instanceof AbortSignal && !signal.aborted);
      freshFlags.push(fresh);
      return Promise.resolve(`token-${freshFlags.length}`);
    },
  };
}

Deno.test("the token source is called before each attempt, and may return a string or a promise", async () => {
  using time = new FakeTime();
  const { token, freshFlags } = numberedTokens();
  const { service, store } = setUp({ token });
  service.failFirst({ reply: { status: 503 } });
  await settle(time, store.read("task"));
  await storeOn(service, { token: () => TOKEN }).read("task");
  assertEquals(freshFlags, [false, false]);
  assertEquals(service.requests.map(({ headers }) => headers.get("authorization")), [
    "Bearer token-1",
    "Bearer token-2",
    `Bearer ${TOKEN}`,
  ]);
});

Deno.test("a rejected token is replaced by a fresh one at once", async () => {
  using time = new FakeTime();
  for (const call of ["read", "write"] as const) {
    const { token, freshFlags } = numberedTokens();
    const { service, store } = setUp({ token });
    service.tokens = new Set(["token-2"]);
    if (call === "read") service.put("task", RECORD);
    const result = await settle<unknown>(
      time,
      call === "read" ? store.read("task") : store.write("task", RECORD, null),
    );
    assert(result.value);
    assertEquals([freshFlags, result.afterMs], [[false, true], 0]);
  }
});

Deno.test("a call throws if the fresh token is rejected, too", async () => {
  const { token, freshFlags } = numberedTokens();
  const { service, store } = setUp({ token });
  service.tokens = new Set(["another"]);
  for (const call of [() => store.read("task"), () => store.write("task", RECORD, null)]) {
    const error = await errorOf(call());
    assertStringIncludes(
      error.message,
      "the record at gs://bucket/task as Cloud Storage does not accept the access token: " +
        "current value is HTTP 401 (Invalid Credentials)",
    );
  }
  assertEquals(freshFlags, [false, true, false, true]);
  assertEquals(service.requests.length, 4);
});

Deno.test("a call requests at most one fresh token", async () => {
  using time = new FakeTime();
  const { token, freshFlags } = numberedTokens();
  const { service, store } = setUp({ token });
  service.failFirst(UNAUTHORIZED, { reply: { status: 503 } }, UNAUTHORIZED);
  const { error } = await settle(time, store.read("task"));
  assertStringIncludes(error!.message, "Cloud Storage does not accept the access token");
  assertEquals(freshFlags, [false, true, false]);
});

Deno.test("write() returns null for a conflict after a rejected token", async () => {
  const { token } = numberedTokens();
  const { service, store } = setUp({ token });
  service.put("task", RECORD);
  service.failFirst(UNAUTHORIZED);
  assertEquals(await store.write("task", RECORD, null), null);
});

Deno.test("without a sign-in, HTTP 401 throws at once", async () => {
  using _ = environment({ STORAGE_EMULATOR_HOST: "localhost:1" });
  const { service } = setUp();
  service.tokens = new Set(["a token"]);
  const store = new GcsStore({ bucket: "bucket", fetch: faultFetch(service) });
  const { message } = await errorOf(store.read("task"));
  assertStringIncludes(message, "as Cloud Storage requires a sign-in: current value is HTTP 401 (Invalid Credentials)");
  assertEquals(service.requests.length, 1);
});

Deno.test("without a token source, Application Default Credentials sign in, again if the token is rejected", async () => {
  const file = await Deno.makeTempFile();
  await Deno.writeTextFile(
    file,
    JSON.stringify({ type: "authorized_user", client_id: "id", client_secret: "secret", refresh_token: "refresh" }),
  );
  using _ = environment({ STORAGE_EMULATOR_HOST: undefined, GOOGLE_APPLICATION_CREDENTIALS: file });
  try {
    const { service } = setUp();
    service.put("task", RECORD);
    let signIns = 0;
    const toService = faultFetch(service);
    const store = new GcsStore({
      bucket: "bucket",
      prefix: "",
      fetch: (input, init) => {
        const { hostname } = new URL(String(input));
        if (hostname === "storage.googleapis.com") return toService(input, init);
        assertEquals(hostname, "oauth2.googleapis.com");
        return Promise.resolve(Response.json({ access_token: `adc-${++signIns}`, expires_in: 3_600 }));
      },
    });
    service.tokens = new Set(["adc-1"]);
    for (let call = 0; call < 3; call++) assertEquals((await store.read("task"))?.value, RECORD);
    assertEquals(signIns, 1);
    service.tokens = new Set(["adc-2"]);
    await Promise.all([store.read("task"), store.read("task"), store.read("task")]);
    assertEquals(signIns, 2);
  } finally {
    await Deno.remove(file);
  }
});

Deno.test("a call throws the error of the token source and sends nothing", async () => {
  const reason = new Error("no credentials");
  const sources: TokenSource[] = [
    () => Promise.reject(reason),
    () => {
      throw reason;
    },
  ];
  for (const token of sources) {
    const { service, store } = setUp({ token });
    assertEquals(await errorOf(store.read("task")), reason);
    assertEquals(await errorOf(store.write("task", RECORD, null)), reason);
    assertEquals(service.requests, []);
  }
});

for (
  const token of ["", `${TOKEN}\n`, `${TOKEN} ${TOKEN}`, `${TOKEN}\u0000`, "ключ-от-всего", undefined, null, 7, {}]
) {
  Deno.test(`the token ${JSON.stringify(token)} throws and is not shown`, async () => {
    const { service, store } = setUp({ token: () => token as string });
    const error = await errorOf(store.read("task"));
    assertEquals(
      error.message,
      `Cannot sign in to Cloud Storage as the token must be a string without spaces: current value is of type ${typeof token}`,
    );
    assert(error instanceof TypeError && !Deno.inspect(error).includes(TOKEN));
    assertEquals(service.requests, []);
  });
}

const PERMISSIONS = {
  read: "storage.objects.get",
  create: "storage.objects.create",
  replace: "storage.objects.create and storage.objects.delete",
};

for (const [call, permissions] of Object.entries(PERMISSIONS)) {
  Deno.test(`HTTP 403 and 400 of a ${call} name the record and ${permissions}`, async () => {
    const { service, store } = setUp();
    const action = call === "read" ? "read" : "write";
    const send = (): Promise<unknown> =>
      call === "read" ? store.read("a/task") : store.write("a/task", RECORD, call === "create" ? null : "17");
    service.failFirst({ reply: { status: 403, body: '{"error":{"message":"caller lacks\\n it"}}' } });
    assertEquals(
      (await errorOf(send())).message,
      `Cannot ${action} the record at gs://bucket/a/task as the account may lack ${permissions} on the bucket: ` +
        "current value is HTTP 403 (caller lacks it)",
    );
    service.failFirst({ reply: { status: 400, body: "No such thing" } });
    assertEquals(
      (await errorOf(send())).message,
      `Cannot ${action} the record at gs://bucket/a/task as Cloud Storage rejected the request, maybe for lack of ` +
        `${permissions}: current value is HTTP 400 (No such thing)`,
    );
    assertEquals(service.requests.length, 2);
  });
}

Deno.test("HTTP 403 of a further request names its permission", async () => {
  const { service, store } = setUp();
  service.put("task", RECORD);
  service.failFirst({ without: ["x-goog-generation"] }, { reply: { status: 403 } });
  assertStringIncludes((await errorOf(store.read("task"))).message, "may lack storage.objects.get");
  service.failFirst({ reply: { status: 429 } }, { reply: { status: 403 } });
  assertStringIncludes((await errorOf(store.write("task", RECORD, "17"))).message, "may lack storage.objects.get");
});

Deno.test("errors show the message of a server on one line, without HTML, at most 200 characters", async () => {
  const shown: readonly (readonly [string, string])[] = [
    ['{"error":{"message":"first\\nsecond\\u0007 \\u001b[31mthird"}}', "HTTP 403 (first second [31mthird)"],
    ["first\r\nsecond\t third", "HTTP 403 (first second third)"],
    [" \n<!DOCTYPE html><title>Error 403</title>", "HTTP 403"],
    ['{"message":"of another shape"}', "HTTP 403"],
    ['{"error":{"message":7}}', "HTTP 403"],
    ["", "HTTP 403"],
    ["x".repeat(1_000), `HTTP 403 (${"x".repeat(200)})`],
  ];
  const { service, store } = setUp();
  for (const [body, expected] of shown) {
    service.failFirst({ reply: { status: 403, body } });
    const { message } = await errorOf(store.read("task"));
    assertEquals(message.split("current value is ")[1], expected);
  }
});

Deno.test("errors don't show the token that a server repeats", async () => {
  const { service, store } = setUp();
  for (const status of [400, 401, 403, 409, 500]) {
    for (const text of [`Bearer ${TOKEN}`, `header: ${TOKEN.slice(0, -3)}…`, encodeURIComponent(TOKEN)]) {
      for (const body of [text, JSON.stringify({ error: { message: text } })]) {
        using time = new FakeTime();
        service.script = () => ({ reply: { status, body, headers: { "retry-after": TOKEN } } });
        for (const call of [() => store.read("task"), () => store.write("task", RECORD, null)]) {
          const { error } = await settle<unknown>(time, call());
          assertStringIncludes(error!.message, `HTTP ${status}`);
          assert(!Deno.inspect(error).includes(TOKEN.slice(0, 10)), Deno.inspect(error));
        }
      }
    }
  }
});

Deno.test("errors don't show the token in an error of fetch", async () => {
  for (const message of ["request failed", `request failed: authorization=Bearer ${TOKEN}`]) {
    using time = new FakeTime();
    const { store } = setUp({
      fetch: (_, init) => {
        const cause = new Error(message);
        throw Object.assign(new TypeError(message, { cause }), { config: { headers: init?.headers } });
      },
    });
    const { error } = await settle(time, store.read("task"));
    assertStringIncludes(error!.message, "current value is no answer (request failed");
    assert(!Deno.inspect(error, { depth: 9 }).includes(TOKEN.slice(0, 10)), Deno.inspect(error));
  }
});

Deno.test("errors show the innermost cause of a failed fetch", async () => {
  const circle = new Error("round and round");
  circle.cause = circle;
  const connectionRefused = new TypeError("fetch failed", {
    cause: Object.assign(new AggregateError([]), { code: "ECONNREFUSED" }),
  });
  const failures: readonly (readonly [unknown, string])[] = [
    [new TypeError("fetch failed", { cause: new Error("other side closed") }), "no answer (other side closed)"],
    [connectionRefused, "no answer (ECONNREFUSED)"],
    [
      new Error("error sending request for url (https://storage.example/storage/v1/b): dns error"),
      "no answer (error sending request dns error)",
    ],
    [circle, "no answer (round and round)"],
    ["just a text", "no answer (just a text)"],
    [undefined, "no answer (undefined)"],
  ];
  for (const [failure, expected] of failures) {
    using time = new FakeTime();
    const { store } = setUp({ fetch: () => Promise.reject(failure) });
    const { error } = await settle(time, store.read("task"));
    assertEquals(error?.message.split("current value is ")[1], expected);
  }
});

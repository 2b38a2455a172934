import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { GcsStore, type TokenSource } from "../../stores/gcs.ts";
import { faultFetch } from "../helpers/fault_fetch.ts";
import type { Fault } from "../helpers/fault_service.ts";
import { environment, errorOf, RECORD, settled, stage, storeOn, TOKEN } from "./gcs_stage.ts";

const REFUSED: Fault = { reply: { status: 401 } };

/** A source whose tokens are numbered, and how it was asked. */
function source(): { readonly token: TokenSource; readonly asked: (boolean | undefined)[] } {
  const asked: (boolean | undefined)[] = [];
  return {
    asked,
    token: ({ fresh, signal } = {}) => {
      assert(signal instanceof AbortSignal && !signal.aborted);
      asked.push(fresh);
      return Promise.resolve(`token-${asked.length}`);
    },
  };
}

Deno.test("the source is asked for a token before each attempt, and may give it at once or later", async () => {
  using time = new FakeTime();
  const { token, asked } = source();
  const { service, store } = stage({ token });
  service.failFirst({ reply: { status: 503 } });
  await settled(time, store.read("task"));
  await storeOn(service, { token: () => TOKEN }).read("task");
  assertEquals(asked, [false, false]);
  assertEquals(service.requests.map(({ headers }) => headers.get("authorization")), [
    "Bearer token-1",
    "Bearer token-2",
    `Bearer ${TOKEN}`,
  ]);
});

Deno.test("a token that has expired is replaced by a fresh one, at once", async () => {
  using time = new FakeTime();
  for (const call of ["read", "write"] as const) {
    const { token, asked } = source();
    const { service, store } = stage({ token });
    service.tokens = new Set(["token-2"]);
    if (call === "read") service.put("task", RECORD);
    const result = await settled<unknown>(
      time,
      call === "read" ? store.read("task") : store.write("task", RECORD, null),
    );
    assert(result.value);
    assertEquals([asked, result.afterMs], [[false, true], 0]);
  }
});

Deno.test("a sign-in that is refused twice is an error, and so says it", async () => {
  const { token, asked } = source();
  const { service, store } = stage({ token });
  service.tokens = new Set(["another"]);
  for (const call of [() => store.read("task"), () => store.write("task", RECORD, null)]) {
    const error = await errorOf(call());
    assertStringIncludes(
      error.message,
      "the record at gs://bucket/task as Cloud Storage takes no token of this sign-in: " +
        "current value is HTTP 401 (Invalid Credentials)",
    );
  }
  assertEquals(asked, [false, true, false, true]);
  assertEquals(service.requests.length, 4);
});

Deno.test("one fresh token is asked for in a call, whatever happens in between", async () => {
  using time = new FakeTime();
  const { token, asked } = source();
  const { service, store } = stage({ token });
  service.failFirst(REFUSED, { reply: { status: 503 } }, REFUSED);
  const { error } = await settled(time, store.read("task"));
  assertStringIncludes(error!.message, "Cloud Storage takes no token of this sign-in");
  assertEquals(asked, [false, true, false]);
});

Deno.test("a refused sign-in leaves nothing open: a conflict after it is one", async () => {
  const { token } = source();
  const { service, store } = stage({ token });
  service.put("task", RECORD);
  service.failFirst(REFUSED);
  assertEquals(await store.write("task", RECORD, null), null);
});

Deno.test("where nobody signs in, a 401 is an error at once", async () => {
  using _ = environment({ STORAGE_EMULATOR_HOST: "localhost:1" });
  const { service } = stage();
  service.tokens = new Set(["a token"]);
  const store = new GcsStore({ bucket: "bucket", fetch: faultFetch(service) });
  const { message } = await errorOf(store.read("task"));
  assertStringIncludes(message, "as Cloud Storage wants a sign-in: current value is HTTP 401 (Invalid Credentials)");
  assertEquals(service.requests.length, 1);
});

Deno.test("without a source, Application Default Credentials sign in, and again when the token is refused", async () => {
  const file = await Deno.makeTempFile();
  await Deno.writeTextFile(
    file,
    JSON.stringify({ type: "authorized_user", client_id: "id", client_secret: "secret", refresh_token: "refresh" }),
  );
  using _ = environment({ STORAGE_EMULATOR_HOST: undefined, GOOGLE_APPLICATION_CREDENTIALS: file });
  try {
    const { service } = stage();
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

Deno.test("what the source throws is thrown, and nothing is sent", async () => {
  const reason = new Error("no credentials");
  const sources: TokenSource[] = [
    () => Promise.reject(reason),
    () => {
      throw reason;
    },
  ];
  for (const token of sources) {
    const { service, store } = stage({ token });
    assertEquals(await errorOf(store.read("task")), reason);
    assertEquals(await errorOf(store.write("task", RECORD, null)), reason);
    assertEquals(service.requests, []);
  }
});

for (
  const token of ["", `${TOKEN}\n`, `${TOKEN} ${TOKEN}`, `${TOKEN}\u0000`, "ключ-от-всего", undefined, null, 7, {}]
) {
  Deno.test(`${JSON.stringify(token)} can't be a token, and is not shown`, async () => {
    const { service, store } = stage({ token: () => token as string });
    const error = await errorOf(store.read("task"));
    assertEquals(
      error.message,
      `Cannot sign in to Cloud Storage as the token must be a text without spaces: current value is of type ${typeof token}`,
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
  Deno.test(`HTTP 403 and 400 name the record and ${permissions} when it can't ${call}`, async () => {
    const { service, store } = stage();
    const doing = call === "read" ? "read" : "write";
    const make = (): Promise<unknown> =>
      call === "read" ? store.read("a/task") : store.write("a/task", RECORD, call === "create" ? null : "17");
    service.failFirst({ reply: { status: 403, body: '{"error":{"message":"caller lacks\\n it"}}' } });
    assertEquals(
      (await errorOf(make())).message,
      `Cannot ${doing} the record at gs://bucket/a/task as the sign-in may lack ${permissions} on the bucket: ` +
        "current value is HTTP 403 (caller lacks it)",
    );
    service.failFirst({ reply: { status: 400, body: "No such thing" } });
    assertEquals(
      (await errorOf(make())).message,
      `Cannot ${doing} the record at gs://bucket/a/task as Cloud Storage refuses, for which ${permissions} may be ` +
        "missing: current value is HTTP 400 (No such thing)",
    );
    assertEquals(service.requests.length, 2);
  });
}

Deno.test("a permission that is missing for the further requests of a call is named too", async () => {
  const { service, store } = stage();
  service.put("task", RECORD);
  service.failFirst({ without: ["x-goog-generation"] }, { reply: { status: 403 } });
  assertStringIncludes((await errorOf(store.read("task"))).message, "may lack storage.objects.get");
  service.failFirst({ reply: { status: 429 } }, { reply: { status: 403 } });
  assertStringIncludes((await errorOf(store.write("task", RECORD, "17"))).message, "may lack storage.objects.get");
});

Deno.test("what a server says is shown on one line, without pages, and cut", async () => {
  const shown: readonly (readonly [string, string])[] = [
    ['{"error":{"message":"first\\nsecond\\u0007 \\u001b[31mthird"}}', "HTTP 403 (first second [31mthird)"],
    ["first\r\nsecond\t third", "HTTP 403 (first second third)"],
    [" \n<!DOCTYPE html><title>Error 403</title>", "HTTP 403"],
    ['{"message":"of another shape"}', "HTTP 403"],
    ['{"error":{"message":7}}', "HTTP 403"],
    ["", "HTTP 403"],
    ["x".repeat(1_000), `HTTP 403 (${"x".repeat(200)})`],
  ];
  const { service, store } = stage();
  for (const [body, expected] of shown) {
    service.failFirst({ reply: { status: 403, body } });
    const { message } = await errorOf(store.read("task"));
    assertEquals(message.split("current value is ")[1], expected);
  }
});

Deno.test("a server that repeats the token does not bring it into an error", async () => {
  const { service, store } = stage();
  for (const status of [400, 401, 403, 409, 500]) {
    for (const text of [`Bearer ${TOKEN}`, `header: ${TOKEN.slice(0, -3)}…`, encodeURIComponent(TOKEN)]) {
      for (const body of [text, JSON.stringify({ error: { message: text } })]) {
        using time = new FakeTime();
        service.script = () => ({ reply: { status, body, headers: { "retry-after": TOKEN } } });
        for (const call of [() => store.read("task"), () => store.write("task", RECORD, null)]) {
          const { error } = await settled<unknown>(time, call());
          assertStringIncludes(error!.message, `HTTP ${status}`);
          assert(!Deno.inspect(error).includes(TOKEN.slice(0, 10)), Deno.inspect(error));
        }
      }
    }
  }
});

Deno.test("a fetch that puts the request into its error does not bring the token into ours", async () => {
  for (const message of ["request failed", `request failed: authorization=Bearer ${TOKEN}`]) {
    using time = new FakeTime();
    const { store } = stage({
      fetch: (_, init) => {
        const cause = new Error(message);
        throw Object.assign(new TypeError(message, { cause }), { config: { headers: init?.headers } });
      },
    });
    const { error } = await settled(time, store.read("task"));
    assertStringIncludes(error!.message, "current value is no answer (request failed");
    assert(!Deno.inspect(error, { depth: 9 }).includes(TOKEN.slice(0, 10)), Deno.inspect(error));
  }
});

Deno.test("why there was no answer is told by the innermost cause", async () => {
  const circle = new Error("round and round");
  circle.cause = circle;
  const refused = new TypeError("fetch failed", {
    cause: Object.assign(new AggregateError([]), { code: "ECONNREFUSED" }),
  });
  const failures: readonly (readonly [unknown, string])[] = [
    [new TypeError("fetch failed", { cause: new Error("other side closed") }), "no answer (other side closed)"],
    [refused, "no answer (ECONNREFUSED)"],
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
    const { store } = stage({ fetch: () => Promise.reject(failure) });
    const { error } = await settled(time, store.read("task"));
    assertEquals(error?.message.split("current value is ")[1], expected);
  }
});

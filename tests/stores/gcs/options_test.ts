import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { GcsStore, type GcsStoreOptions } from "../../../stores/gcs.ts";
import { FakeGcs } from "../../../internal/servers/fake_gcs.ts";
import { errorOf } from "../helpers/errors.ts";
import { faultFetch } from "../helpers/fault_fetch.ts";
import { environment, fixedRandom } from "../helpers/globals.ts";
import { settle } from "../helpers/settle.ts";
import { RECORD, setUp, storeOn, TOKEN } from "./setup.ts";

const EMULATOR = "STORAGE_EMULATOR_HOST";

/** Options as getters. */
class Options {
  get bucket(): string {
    return "of-a-class";
  }

  get token(): () => string {
    return () => TOKEN;
  }
}

/** Sends a read. Returns its URL and its token. */
async function sendRead(
  options: Partial<GcsStoreOptions> = {},
): Promise<{ readonly url: string; readonly authorization: string | null }> {
  const answers: { url: string; authorization: string | null }[] = [];
  const fetch: typeof globalThis.fetch = (input, init) => {
    answers.push({ url: String(input), authorization: new Headers(init?.headers).get("authorization") });
    return Promise.resolve(new Response(null, { status: 404 }));
  };
  const store = new GcsStore(
    options instanceof Options
      ? Object.assign(options, { fetch })
      : { bucket: "bucket", prefix: "", fetch, ...options },
  );
  assertEquals(await store.read("task"), null);
  assertEquals(answers.length, 1);
  return answers[0]!;
}

function assertThrowsMessage(options: unknown, Kind: ErrorConstructor, message: string): void {
  const error = assertThrows(() => new GcsStore(options as GcsStoreOptions), Kind);
  assertEquals(error.message, `Cannot create the Cloud Storage store as ${message}`);
}

Deno.test("GcsStore() throws for an option that is missing, unknown or of the wrong type", () => {
  assertThrowsMessage(undefined, TypeError, "its options must be an object: current value is undefined");
  assertThrowsMessage(null, TypeError, "its options must be an object: current value is null");
  assertThrowsMessage("bucket", TypeError, 'its options must be an object: current value is "bucket"');
  assertThrowsMessage({}, TypeError, '"bucket" is required: current value is undefined');
  assertThrowsMessage({ bucket: undefined }, TypeError, '"bucket" is required: current value is undefined');
  assertThrowsMessage({ bucket: 7 }, TypeError, '"bucket" must be a string: current value is 7');
  const values: readonly (readonly [string, unknown, string])[] = [
    ["prefix", null, '"prefix" must be a string: current value is null'],
    ["token", 7, '"token" must be a function: current value is of type number'],
    ["fetch", {}, '"fetch" must be a function: current value is of type object'],
    [
      "apiEndpoint",
      new URL("https://a.example"),
      '"apiEndpoint" must be a string: current value is "https://a.example/"',
    ],
    ["userProject", 12, '"userProject" must be a string: current value is 12'],
    ["projectId", "p", '"projectId" is not an option: current value is of type string'],
    ["Bucket", "b", '"Bucket" is not an option, did you mean "bucket"?: current value is of type string'],
    ["toString", "b", '"toString" is not an option: current value is of type string'],
  ];
  for (const [name, value, message] of values) {
    assertThrowsMessage({ bucket: "bucket", [name]: value }, TypeError, message);
  }
});

Deno.test("GcsStore() does not show secrets in wrong options", () => {
  for (
    const options of [
      { token: TOKEN },
      { accessToken: TOKEN },
      { credentials: { private_key: TOKEN } },
      { apiEndpoint: `https://user:${TOKEN}@a.example` },
      { apiEndpoint: `https://a.example/?key=${TOKEN}` },
    ]
  ) {
    const error = assertThrows(() => new GcsStore({ bucket: "bucket", ...options } as never), Error);
    assertStringIncludes(error.message, `"${Object.keys(options)[0]}" `);
    assert(!error.message.includes(TOKEN), error.message);
  }
});

Deno.test("an undefined option counts as absent", async () => {
  using _ = environment({ [EMULATOR]: undefined });
  const all = { userProject: undefined, apiEndpoint: undefined, requestTimeout: undefined };
  const { url } = await sendRead({ ...all as unknown as GcsStoreOptions, bucket: "bucket", token: () => TOKEN });
  assertEquals(url, "https://storage.googleapis.com/storage/v1/b/bucket/o/task?alt=media");
});

Deno.test("options may be a class instance with getters", async () => {
  using _ = environment({ [EMULATOR]: undefined });
  const { url, authorization } = await sendRead(new Options());
  assertStringIncludes(url, "/b/of-a-class/o/");
  assertEquals(authorization, `Bearer ${TOKEN}`);
});

for (const bucket of ["", ".", "..", "-a", "a/b", "gs://bucket", "a b", "bücket", "bucket\n", "?", "a%2Fb"]) {
  Deno.test(`${JSON.stringify(bucket)} is not a valid bucket`, () => {
    assertThrowsMessage(
      { bucket },
      RangeError,
      `"bucket" must be letters, digits, dots, hyphens and underscores: current value is ${JSON.stringify(bucket)}`,
    );
  });
}

for (const bucket of ["abc", "my-bucket_1", "example.com", "example.com:bucket", "1bucket", "Legacy.Bucket"]) {
  Deno.test(`${JSON.stringify(bucket)} is a valid bucket`, async () => {
    const { service, store } = setUp({ bucket });
    service.buckets.set(bucket, new Map());
    await store.write("task", RECORD, null);
    assert(service.object("task", bucket));
  });
}

Deno.test("apiEndpoint is Google's by default", async () => {
  using _ = environment({ [EMULATOR]: undefined });
  const path = "/storage/v1/b/bucket/o/task?alt=media";
  const token = (): string => TOKEN;
  assertEquals((await sendRead({ token })).url, `https://storage.googleapis.com${path}`);
  for (
    const [apiEndpoint, base] of [
      ["https://storage.example.com", "https://storage.example.com"],
      ["https://storage.example.com/", "https://storage.example.com"],
      ["https://storage.example.com:8443//", "https://storage.example.com:8443"],
      ["https://proxy.example.com/gcs/", "https://proxy.example.com/gcs"],
      ["http://localhost:4443", "http://localhost:4443"],
      ["http://[::1]:4443/", "http://[::1]:4443"],
    ] as const
  ) {
    assertEquals((await sendRead({ token, apiEndpoint })).url, base + path);
  }
});

for (
  const apiEndpoint of [
    "",
    "storage.googleapis.com",
    "localhost:4443",
    "ftp://a.example",
    "https://a.example/?x=1",
    "https://a.example/#x",
    "https://user:password@a.example/",
    "https://",
  ]
) {
  Deno.test(`${JSON.stringify(apiEndpoint)} is not a valid apiEndpoint`, () => {
    const error = assertThrows(() => new GcsStore({ bucket: "bucket", apiEndpoint }), RangeError);
    assertStringIncludes(error.message, '"apiEndpoint" must be an http: or https: URL without a query');
  });
}

for (
  const [value, base] of [
    ["localhost:9023", "http://localhost:9023"],
    ["localhost", "http://localhost"],
    ["127.0.0.1:9023", "http://127.0.0.1:9023"],
    ["[::1]:9023", "http://[::1]:9023"],
    ["gcs-emulator:9023/", "http://gcs-emulator:9023"],
    ["http://localhost:9023", "http://localhost:9023"],
    ["http://localhost:9023/", "http://localhost:9023"],
    ["http://localhost:9023/storage/v1/", "http://localhost:9023"],
    ["http://localhost:9023/storage/v1", "http://localhost:9023"],
    ["http://localhost:9023/gcs/", "http://localhost:9023/gcs"],
    ["localhost:9023/gcs/storage/v1", "http://localhost:9023/gcs"],
    ["https://emulator.example", "https://emulator.example"],
  ] as const
) {
  Deno.test(`the emulator ${value} receives requests at ${base}, without a token`, async () => {
    using _ = environment({ [EMULATOR]: value, GOOGLE_APPLICATION_CREDENTIALS: "/does/not/exist" });
    const expected = { url: `${base}/storage/v1/b/bucket/o/task?alt=media`, authorization: null };
    assertEquals(await sendRead(), expected);
    assertEquals(await sendRead({ token: () => Promise.reject(new Error("must not be called")) }), expected);
  });
}

Deno.test("an invalid address of an emulator throws and names the variable", () => {
  for (const value of ["http://", "ftp://localhost", "local host", "localhost:99999", "http://localhost/?a=b"]) {
    using _ = environment({ [EMULATOR]: value });
    const error = assertThrows(() => new GcsStore({ bucket: "bucket" }), RangeError);
    assertStringIncludes(error.message, '"STORAGE_EMULATOR_HOST" must be an http: or https: URL without a query');
  }
});

Deno.test("an empty variable names no emulator", async () => {
  using _ = environment({ [EMULATOR]: "" });
  assertStringIncludes((await sendRead({ token: () => TOKEN })).url, "https://storage.googleapis.com/");
});

Deno.test("apiEndpoint overrides the emulator of the environment", async () => {
  using _ = environment({ [EMULATOR]: "localhost:9023" });
  assertEquals(await sendRead({ apiEndpoint: "https://storage.example.com", token: () => TOKEN }), {
    url: "https://storage.example.com/storage/v1/b/bucket/o/task?alt=media",
    authorization: `Bearer ${TOKEN}`,
  });
});

Deno.test("the emulator is read from the environment when the store is created", async () => {
  const urls: string[] = [];
  const fetch = (input: string | URL | Request): Promise<Response> => {
    urls.push(String(input));
    return Promise.resolve(new Response(null, { status: 404 }));
  };
  using _ = environment({ [EMULATOR]: "localhost:9023" });
  const store = new GcsStore({ bucket: "bucket", fetch });
  using __ = environment({ [EMULATOR]: "localhost:9999" });
  await store.read("task");
  assertStringIncludes(urls[0]!, "http://localhost:9023/");
});

Deno.test("without TLS, only the token of the option is sent", async () => {
  using _ = environment({ [EMULATOR]: undefined, GOOGLE_APPLICATION_CREDENTIALS: "/does/not/exist" });
  const apiEndpoint = "http://localhost:4443";
  assertEquals((await sendRead({ apiEndpoint })).authorization, null);
  assertEquals((await sendRead({ apiEndpoint, token: () => TOKEN })).authorization, `Bearer ${TOKEN}`);
});

Deno.test("userProject is sent with each request", async () => {
  const { service, store } = setUp({ userProject: "example.com:project-1" });
  service.isRequesterPays = true;
  const first = await store.write("task", RECORD, null);
  service.failFirst({ without: ["x-goog-generation"] }, {}, {}, { reply: { status: 429 } });
  await store.read("task");
  assertEquals(await store.write("task", RECORD, "1"), null);
  assert(first);
  assertEquals(service.requests.length, 6);
  for (const line of service.lines) assertStringIncludes(line, "&userProject=example.com%3Aproject-1");
});

Deno.test("a bucket with requester pays needs userProject", async () => {
  const { service, store } = setUp();
  service.isRequesterPays = true;
  assertStringIncludes((await errorOf(store.read("task"))).message, "requester pays bucket but no user project");
  assertThrowsMessage(
    { bucket: "bucket", userProject: "" },
    RangeError,
    '"userProject" must not be empty: current value is ""',
  );
});

Deno.test("requestTimeout is 8 s by default, and a number or units", async () => {
  for (
    const [requestTimeout, limitMs] of [[undefined, 8_000], [500, 500], [{ minutes: 1, seconds: 1 }, 61_000]] as const
  ) {
    using time = new FakeTime();
    using _ = fixedRandom(0);
    const { service, store } = setUp(requestTimeout === undefined ? {} : { requestTimeout });
    service.script = () => ({ ends: "never" });
    assertEquals((await settle(time, store.read("task"))).afterMs, limitMs);
  }
});

for (const requestTimeout of [0, -1, NaN, Infinity, "8s", {}, { weeks: 1 }, { seconds: -1 }, null]) {
  Deno.test(`${Deno.inspect(requestTimeout)} is not a valid requestTimeout`, () => {
    const options = { bucket: "bucket", requestTimeout } as GcsStoreOptions;
    const error = assertThrows(() => new GcsStore(options));
    assert(error instanceof TypeError || error instanceof RangeError);
    assertStringIncludes(error.message, 'Cannot create the Cloud Storage store as "requestTimeout" ');
  });
}

Deno.test("fetch is looked up at each request by default", async () => {
  const before = globalThis.fetch;
  const { service } = setUp();
  service.put("task", RECORD);
  const store = new GcsStore({ bucket: "bucket", prefix: "", token: () => TOKEN, apiEndpoint: "https://a.example" });
  try {
    globalThis.fetch = faultFetch(service);
    assertEquals((await store.read("task"))?.value, RECORD);
    globalThis.fetch = faultFetch(new FakeGcs());
    assertEquals(await store.read("task"), null);
  } finally {
    globalThis.fetch = before;
  }
});

Deno.test("GcsStore() sends and reads nothing", () => {
  using _ = environment({ [EMULATOR]: undefined, GOOGLE_APPLICATION_CREDENTIALS: "/does/not/exist" });
  const unused = (): never => {
    throw new Error("must not be called");
  };
  new GcsStore({ bucket: "bucket", fetch: unused, token: unused });
  new GcsStore({ bucket: "bucket", fetch: unused });
});

Deno.test("later changes of the options have no effect", async () => {
  const service = new FakeGcs();
  const options = { bucket: "bucket", prefix: "a/", token: () => TOKEN, fetch: faultFetch(service) };
  const store = storeOn(service, options);
  Object.assign(options, { bucket: "other", prefix: "b/", fetch: undefined, token: undefined });
  await store.write("task", RECORD, null);
  assert(service.object("a/task"));
});

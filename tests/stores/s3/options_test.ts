import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { S3Store, type S3StoreOptions } from "../../../stores/s3.ts";
import { environment } from "../helpers/globals.ts";
import { FAKE_KEYS, hostFetch, RECORD, setUp, storeOn } from "./setup.ts";

const SECRET = FAKE_KEYS.secretAccessKey;

/** The variables that a store reads when it is created. */
const UNSET: Readonly<Record<string, undefined>> = {
  AWS_REGION: undefined,
  AWS_DEFAULT_REGION: undefined,
  AWS_ENDPOINT_URL: undefined,
  AWS_ENDPOINT_URL_S3: undefined,
};

/** Sends a read. Returns its URL, and the region in its signature. */
async function sendRead(options: Partial<S3StoreOptions>): Promise<{ readonly url: string; readonly region: string }> {
  const sent: { url: string; region: string }[] = [];
  const fetch = (url: string, init: RequestInit): Promise<Response> => {
    const authorization = new Headers(init.headers).get("authorization") ?? "";
    const [, region = ""] = /Credential=[^/]+\/\d+\/([^/]+)\/s3\//.exec(authorization) ?? [];
    sent.push({ url, region });
    return Promise.resolve(new Response("<Error><Code>NoSuchKey</Code></Error>", { status: 404 }));
  };
  const store = new S3Store({ bucket: "bucket", prefix: "", credentials: FAKE_KEYS, fetch, ...options });
  assertEquals(await store.read("task"), null);
  return sent[0]!;
}

function assertThrowsMessage(options: unknown, Kind: ErrorConstructor, message: string): void {
  const error = assertThrows(() => new S3Store(options as S3StoreOptions), Kind);
  assertEquals(error.message, `Cannot create the S3 store as ${message}`);
}

Deno.test("S3Store() throws for an option that is missing, unknown or of the wrong type", () => {
  assertThrowsMessage(undefined, TypeError, "its options must be an object: current value is undefined");
  assertThrowsMessage({}, TypeError, '"bucket" is required: current value is undefined');
  const values: readonly (readonly [string, unknown, string])[] = [
    ["bucket", 7, '"bucket" must be a string: current value is 7'],
    ["prefix", null, '"prefix" must be a string: current value is null'],
    ["region", 7, '"region" must be a string: current value is 7'],
    ["endpoint", {}, '"endpoint" must be a string: current value is {}'],
    ["pathStyle", 1, '"pathStyle" must be a boolean: current value is 1'],
    ["fetch", {}, '"fetch" must be a function: current value is of type object'],
    ["Region", "eu", '"Region" is not an option, did you mean "region"?: current value is of type string'],
    ["secretAccessKey", SECRET, '"secretAccessKey" is not an option: current value is of type string'],
  ];
  for (const [name, value, message] of values) {
    assertThrowsMessage({ bucket: "bucket", region: "r", credentials: FAKE_KEYS, [name]: value }, TypeError, message);
  }
});

Deno.test("S3Store() throws for credentials that lack a part, and shows none of them", () => {
  const text = "must be a text of printable ASCII without spaces: current value is";
  const values: readonly (readonly [unknown, string])[] = [
    [SECRET, "the credentials must be { accessKeyId, secretAccessKey }: current value is of type string"],
    [null, "the credentials must be { accessKeyId, secretAccessKey }: current value is of type object"],
    [{}, `"credentials.accessKeyId" ${text} of type undefined`],
    [{ accessKeyId: "" }, `"credentials.accessKeyId" ${text} an empty text`],
    [{ accessKeyId: `${SECRET},`, secretAccessKey: SECRET }, `"credentials.accessKeyId" ${text} of type string`],
    [{ accessKeyId: "a" }, `"credentials.secretAccessKey" ${text} of type undefined`],
    [{ accessKeyId: "a", secretAccessKey: `${SECRET}\n` }, `"credentials.secretAccessKey" ${text} of type string`],
    [{ ...FAKE_KEYS, sessionToken: `${SECRET} ` }, `"credentials.sessionToken" ${text} of type string`],
    [{ ...FAKE_KEYS, expiration: 7 }, '"credentials.expiration" must be a valid Date: current value is 7'],
    [
      { ...FAKE_KEYS, expiration: new Date(NaN) },
      '"credentials.expiration" must be a valid Date: current value is null',
    ],
  ];
  for (const [credentials, message] of values) {
    const error = assertThrows(
      () => new S3Store({ bucket: "b", region: "r", credentials } as S3StoreOptions),
      TypeError,
    );
    assertEquals(error.message, `Cannot create the S3 store as ${message}`);
    assert(!error.message.includes(SECRET), error.message);
  }
});

for (const bucket of ["", ".", "..", "-a", "a/b", "s3://bucket", "a b", "bücket", "bucket\n", "?", "a%2Fb"]) {
  Deno.test(`${JSON.stringify(bucket)} is not a valid bucket`, () => {
    const state = '"bucket" must be letters, digits, dots, hyphens and underscores';
    assertThrowsMessage({ bucket, region: "r" }, RangeError, `${state}: current value is ${JSON.stringify(bucket)}`);
  });
}

for (const prefix of ["/", "/a", "./", "../", "a/../", "a/./b", "..", "a/..", "a\n", "a\0", "\ud800", "\uffff"]) {
  Deno.test(`${JSON.stringify(prefix)} is not a valid prefix`, () => {
    const error = assertThrows(() => new S3Store({ bucket: "b", region: "r", prefix }), RangeError);
    assertStringIncludes(error.message, '"prefix" must be the beginning of an object\'s name: current value is ');
  });
}

for (const prefix of ["", "a", "a/", "a/b.", "..a/", "a b/ü/<&>", "a//"]) {
  Deno.test(`${JSON.stringify(prefix)} is a valid prefix`, async () => {
    const { service, store } = setUp({ prefix });
    await store.write("task", RECORD, null);
    assert(service.object(`${prefix}task`));
  });
}

Deno.test("region is that of the option, of AWS_REGION or of AWS_DEFAULT_REGION", async () => {
  using _ = environment({ ...UNSET, AWS_REGION: "eu-west-1", AWS_DEFAULT_REGION: "eu-west-2" });
  const read = await sendRead({ region: "eu-central-1" });
  assertEquals(read, { url: "https://bucket.s3.eu-central-1.amazonaws.com/task", region: "eu-central-1" });
  assertEquals((await sendRead({})).region, "eu-west-1");
  using __ = environment({ ...UNSET, AWS_DEFAULT_REGION: "eu-west-2" });
  assertEquals((await sendRead({})).url, "https://bucket.s3.eu-west-2.amazonaws.com/task");
  const inChina = await sendRead({ region: "cn-north-1" });
  assertEquals(inChina.url, "https://bucket.s3.cn-north-1.amazonaws.com.cn/task");
});

Deno.test("region is required without an endpoint, and us-east-1 with one", async () => {
  using _ = environment(UNSET);
  const message = '"region" is required, as neither AWS_REGION nor "endpoint" is set: current value is undefined';
  assertThrowsMessage({ bucket: "bucket" }, RangeError, message);
  assertEquals((await sendRead({ endpoint: "https://minio.example" })).region, "us-east-1");
});

for (const region of ["", "eu central", "eu/central", "eu.central", "a\n"]) {
  Deno.test(`${JSON.stringify(region)} is not a valid region`, () => {
    const state = '"region" must be letters, digits and hyphens';
    assertThrowsMessage(
      { bucket: "bucket", region },
      RangeError,
      `${state}: current value is ${JSON.stringify(region)}`,
    );
  });
}

Deno.test("endpoint is that of the option, of AWS_ENDPOINT_URL_S3 or of AWS_ENDPOINT_URL", async () => {
  using _ = environment({
    ...UNSET,
    AWS_ENDPOINT_URL_S3: "https://one.example",
    AWS_ENDPOINT_URL: "https://two.example",
  });
  assertEquals((await sendRead({ endpoint: "http://[::1]:9000//" })).url, "http://[::1]:9000/bucket/task");
  assertEquals((await sendRead({})).url, "https://one.example/bucket/task");
  using __ = environment({ ...UNSET, AWS_ENDPOINT_URL: "https://two.example:8443/s3/" });
  assertEquals((await sendRead({})).url, "https://two.example:8443/s3/bucket/task");
  using ___ = environment({ ...UNSET, AWS_ENDPOINT_URL_S3: "localhost:9000" });
  const state = '"AWS_ENDPOINT_URL_S3" must be an http: or https: URL without a query';
  assertThrowsMessage({ bucket: "bucket" }, RangeError, `${state}: current value is "localhost:9000"`);
});

for (
  const endpoint of ["", "s3.example", "ftp://a.example", "https://a.example/?x=1", "https://u:p@a.example", "https://"]
) {
  Deno.test(`${JSON.stringify(endpoint)} is not a valid endpoint`, () => {
    const error = assertThrows(() => new S3Store({ bucket: "bucket", endpoint }), RangeError);
    assertStringIncludes(error.message, '"endpoint" must be an http: or https: URL without a query');
  });
}

Deno.test("pathStyle puts the bucket into the path or the host", async () => {
  using _ = environment(UNSET);
  const endpoint = "https://s3.example:8443";
  const urls: readonly (readonly [Partial<S3StoreOptions>, string])[] = [
    [{ endpoint }, "https://s3.example:8443/bucket/task"],
    [{ endpoint, pathStyle: false }, "https://bucket.s3.example:8443/task"],
    [{ region: "r-1" }, "https://bucket.s3.r-1.amazonaws.com/task"],
    [{ region: "r-1", pathStyle: true }, "https://s3.r-1.amazonaws.com/bucket/task"],
    [{ region: "r-1", bucket: "my.bucket" }, "https://s3.r-1.amazonaws.com/my.bucket/task"],
    [{ region: "r-1", bucket: "my.bucket", pathStyle: false }, "https://my.bucket.s3.r-1.amazonaws.com/task"],
    [{ region: "r-1", bucket: "Old_Bucket" }, "https://s3.r-1.amazonaws.com/Old_Bucket/task"],
    [{ endpoint, bucket: "tenant:bucket" }, "https://s3.example:8443/tenant%3Abucket/task"],
  ];
  for (const [options, url] of urls) assertEquals((await sendRead(options)).url, url);
});

Deno.test("pathStyle must not be false where the bucket can't be a part of the host", () => {
  const state = '"pathStyle" must be true for a bucket that no host can be called';
  for (
    const [bucket, endpoint] of [["Old_Bucket", "https://s3.example"], ["bucket", "http://127.0.0.1:9000"], [
      "bucket",
      "http://[::1]:9000",
    ]] as const
  ) {
    assertThrowsMessage(
      { bucket, endpoint, pathStyle: false },
      RangeError,
      `${state}: current value is ${JSON.stringify(bucket)}`,
    );
  }
});

Deno.test("requests with the bucket in the host are signed as the service expects", async () => {
  const { service } = setUp();
  service.host = "s3.example";
  const store = storeOn(service, { pathStyle: false, prefix: "p/" });
  const version = await store.write("a/b", RECORD, null);
  assertEquals((await store.read("a/b"))?.version, version);
  for await (const key of store.list()) assertEquals(key, "a/b");
  assertEquals(service.lines, ["PUT /p/a%252Fb", "GET /p/a%252Fb", "GET /?list-type=2&max-keys=100&prefix=p%2F"]);
});

Deno.test("fetch is looked up at each request by default", async () => {
  const before = globalThis.fetch;
  const { service } = setUp();
  service.put("task", RECORD);
  const options = { bucket: "bucket", prefix: "", region: "us-east-1", endpoint: "https://s3.example" };
  const store = new S3Store({ ...options, credentials: FAKE_KEYS });
  try {
    globalThis.fetch = hostFetch(service) as typeof fetch;
    assertEquals((await store.read("task"))?.value, RECORD);
  } finally {
    globalThis.fetch = before;
  }
});

Deno.test("S3Store() sends and reads nothing", () => {
  using _ = environment({ ...UNSET, AWS_WEB_IDENTITY_TOKEN_FILE: "/does/not/exist" });
  const unused = (): never => {
    throw new Error("must not be called");
  };
  new S3Store({ bucket: "bucket", region: "r", fetch: unused, credentials: unused });
  new S3Store({ bucket: "bucket", region: "r", fetch: unused });
});

Deno.test("later changes of the options have no effect", async () => {
  const { service } = setUp();
  const credentials = { ...FAKE_KEYS };
  const options = { prefix: "a/", credentials };
  const store = storeOn(service, options);
  Object.assign(options, { prefix: "b/", credentials: undefined });
  Object.assign(credentials, { secretAccessKey: "another" });
  await store.write("task", RECORD, null);
  assert(service.object("a/task"));
});

for (const requestTimeout of [0, -1, NaN, "8s", {}]) {
  Deno.test(`${Deno.inspect(requestTimeout)} is not a valid requestTimeout`, () => {
    const options = { bucket: "bucket", region: "r", requestTimeout } as S3StoreOptions;
    const error = assertThrows(() => new S3Store(options));
    assertStringIncludes((error as Error).message, 'Cannot create the S3 store as "requestTimeout" ');
  });
}

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { errorBody } from "../../../internal/servers/fake_s3.ts";
import { errorOf } from "../helpers/errors.ts";
import { FAKE_KEYS, MADE_UP, RECORD, setUp, storeOn } from "./setup.ts";

Deno.test("a bucket in another region is an error that names the region, and no redirect is followed", async () => {
  const body = errorBody("PermanentRedirect", "The bucket you are attempting to access must be addressed elsewhere.", {
    Endpoint: "bucket.s3.eu-west-1.amazonaws.com",
    Bucket: "bucket",
  });
  const headers = { "x-amz-bucket-region": "eu-west-1", location: "https://elsewhere.example/" };
  const { service, store } = setUp();
  const redirect = { reply: { status: 301, headers, body } };
  service.failFirst(redirect, redirect);
  const messages = [errorOf(store.read("task")), errorOf(store.write("task", RECORD, null))];
  for (const { message } of await Promise.all(messages)) {
    const state =
      'as the bucket "bucket" must be addressed in the region "eu-west-1", not in "us-east-1": current value';
    assertStringIncludes(message, `${state} is HTTP 301 (PermanentRedirect: The bucket you are`);
  }
  assertEquals(service.requests.length, 2);
});

Deno.test("a redirect names the address, if it does not name a region", async () => {
  const { service, store } = setUp();
  const body = errorBody("TemporaryRedirect", "Please re-send", { Endpoint: "bucket.s3-eu-west-1.amazonaws.com" });
  service.failFirst({ reply: { status: 307, body } }, { reply: { status: 307 } });
  const state = 'as the bucket "bucket" must be addressed at "bucket.s3-eu-west-1.amazonaws.com": current value is';
  assertStringIncludes((await errorOf(store.read("task"))).message, state);
  const unknown = 'as the bucket "bucket" may be in another region than "us-east-1": current value is HTTP 307';
  assertStringIncludes((await errorOf(store.read("task"))).message, unknown);
});

Deno.test("a signature for another region is an error that names the region", async () => {
  const { service, store } = setUp();
  service.region = "garage";
  const state = 'as the bucket "bucket" must be addressed in the region "garage", not in "us-east-1": current value is';
  assertStringIncludes(
    (await errorOf(store.read("task"))).message,
    `${state} HTTP 400 (AuthorizationHeaderMalformed: `,
  );
  assertStringIncludes((await errorOf(store.write("task", RECORD, MADE_UP))).message, state);
  assertEquals(await storeOn(service, { region: "garage" }).read("task"), null);
});

Deno.test("a clock that is wrong is an error that says by how much", async () => {
  for (const [offsetMs, what] of [[3_600_000, "3600 s behind"], [-3_600_000, "3600 s ahead of"]] as const) {
    const { service, store } = setUp();
    service.nowMs = () => Math.ceil(Date.now() / 1_000) * 1_000 + offsetMs;
    const { message } = await errorOf(store.read("task"));
    // the time of the request counts, too
    const rounded = message.replace(/(3599|3601) s/, "3600 s");
    assertStringIncludes(
      rounded,
      `as this machine's clock is wrong: it is ${what} the server's: current value is HTTP 403`,
    );
    assertEquals(service.requests.length, 1);
  }
});

Deno.test("wrong keys are an error, and it does not show them", async () => {
  const { service, store } = setUp({ credentials: { ...FAKE_KEYS, secretAccessKey: "a-wrong-secret" } });
  const { message } = await errorOf(store.read("task"));
  assertStringIncludes(
    message,
    "as the service does not accept the signature, so the secret access key may be wrong: ",
  );
  assert(!message.includes("a-wrong-secret"), message);
  const unknown = storeOn(service, { credentials: { ...FAKE_KEYS, accessKeyId: "AKIAUNKNOWN" } });
  const state = "as the service does not accept the credentials: current value is HTTP 403 (InvalidAccessKeyId: ";
  assertStringIncludes((await errorOf(unknown.write("task", RECORD, null))).message, state);
});

Deno.test("an error does not show the session token, wherever the service repeats it", async () => {
  const sessionToken = "IQoJb3JpZ2luX2VjE-a-session-token";
  const { service, store } = setUp({ credentials: { ...FAKE_KEYS, sessionToken } });
  for (const [code, text] of [["Odd", `your token ${sessionToken} is odd`], [sessionToken, "text"]] as const) {
    for (const status of [400, 403, 503]) {
      const body = errorBody(code, text, { CanonicalRequest: `x-amz-security-token:${sessionToken}` });
      service.script = () => ({ reply: { status, body } });
      const { message } = await errorOf(
        storeOn(service, {
          credentials: { ...FAKE_KEYS, sessionToken },
          requestTimeout: 50,
        }).read("task"),
      );
      assertStringIncludes(message, "[secret]");
      assert(!message.includes("IQoJ") && !message.includes("-a-session"), message);
    }
  }
  service.script = () => ({ reply: { status: 403, body: `a text that repeats ${sessionToken}` } });
  assertStringIncludes((await errorOf(store.read("task"))).message, "(a text that repeats [secret])");
});

Deno.test("an error shows code and message of the service alone", async () => {
  const { service, store } = setUp();
  service.failFirst({ reply: { status: 403, body: errorBody("AccessDenied", "a & b\n<c>", { StringToSign: "odd" }) } });
  assertEquals(
    (await errorOf(store.write("task", RECORD, null))).message,
    "Cannot write the record at s3://bucket/task as the credentials may lack s3:PutObject: " +
      "current value is HTTP 403 (AccessDenied: a & b <c>)",
  );
});

import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { applicationDefault } from "../../../stores/google_auth/application_default.ts";
import { environmentVariable } from "../../../stores/http/environment.ts";
import { FakeGoogleAuth, FakeHost, newKeyPair, noAnswer, PERSON, rejected } from "../helpers/fake_google_auth.ts";
import { settleInSteps } from "../helpers/settle.ts";

const SCOPE = "https://www.googleapis.com/auth/devstorage.read_write";
const EMAIL = "robot@p.iam.gserviceaccount.com";
const KEY = await newKeyPair();

function keyFile(changes: object = {}): object {
  return {
    type: "service_account",
    project_id: "p",
    private_key_id: "key-1",
    private_key: KEY.pem,
    client_email: EMAIL,
    token_uri: "https://oauth2.googleapis.com/token",
    ...changes,
  };
}

function bytesOf(base64Url: string): Uint8Array<ArrayBuffer> {
  const text = atob(base64Url.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

function jsonOf(base64Url: string): unknown {
  return JSON.parse(new TextDecoder().decode(bytesOf(base64Url)));
}

Deno.test("a service account exchanges a signed statement for a token", async () => {
  using _time = new FakeTime(1_700_000_000_999);
  await using host = await FakeHost.start();
  await host.credentials(keyFile());
  await using server = new FakeGoogleAuth();

  assertEquals(await applicationDefault({ scope: SCOPE, fetch: server.fetch })(), "token-1");

  const [request] = server.requests;
  assertEquals([server.requests.length, request!.method], [1, "POST"]);
  assertEquals(request!.url.href, "https://oauth2.googleapis.com/token");
  assertEquals(request!.headers.get("content-type"), "application/x-www-form-urlencoded");
  const { assertion = "", ...rest } = request!.form;
  assertEquals(rest, { grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer" });
  const [header = "", claims = "", signature = "", ...more] = assertion.split(".");
  assertEquals(more, []);
  assertEquals(jsonOf(header), { alg: "RS256", typ: "JWT", kid: "key-1" });
  assertEquals(jsonOf(claims), {
    iss: EMAIL,
    scope: SCOPE,
    aud: "https://oauth2.googleapis.com/token",
    iat: 1_700_000_000,
    exp: 1_700_003_600,
  });
  assert(!assertion.includes("="));
  const content = new TextEncoder().encode(`${header}.${claims}`);
  assert(await crypto.subtle.verify("RSASSA-PKCS1-v1_5", KEY.publicKey, bytesOf(signature), content));
});

Deno.test("the statement of a service account names the token server of the file", async () => {
  await using host = await FakeHost.start();
  await host.credentials(
    keyFile({ token_uri: "https://ACCOUNTS.google.com/o/oauth2/token", private_key_id: undefined }),
  );
  await using server = new FakeGoogleAuth();

  await applicationDefault({ scope: SCOPE, fetch: server.fetch })();

  const [header = "", claims = ""] = server.requests[0]!.form.assertion!.split(".");
  assertEquals(server.requests[0]!.url.href, "https://accounts.google.com/o/oauth2/token");
  assertEquals((jsonOf(claims) as { aud: string }).aud, "https://ACCOUNTS.google.com/o/oauth2/token");
  assertEquals(jsonOf(header), { alg: "RS256", typ: "JWT" });
});

Deno.test("a person's refresh token is exchanged for an access token", async () => {
  await using host = await FakeHost.start();
  await host.credentials(PERSON);
  await using server = new FakeGoogleAuth();

  assertEquals(await applicationDefault({ scope: SCOPE, fetch: server.fetch })(), "token-1");

  const { type: _, ...fields } = PERSON;
  assertEquals(server.requests[0]!.form, { grant_type: "refresh_token", ...fields });
  assertEquals(server.requests[0]!.url.href, "https://oauth2.googleapis.com/token");
});

Deno.test("an impersonated service account uses its source credentials", async () => {
  await using host = await FakeHost.start();
  const impersonation =
    `https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/${EMAIL}:generateAccessToken`;
  await host.credentials({
    type: "impersonated_service_account",
    service_account_impersonation_url: impersonation,
    delegates: ["projects/-/serviceAccounts/between@p.iam.gserviceaccount.com"],
    source_credentials: keyFile(),
  });
  await using server = new FakeGoogleAuth();

  assertEquals(await applicationDefault({ scope: `${SCOPE} other`, fetch: server.fetch })(), "impersonate-2");

  const [own, other] = server.requests;
  const claims = jsonOf(own!.form.assertion!.split(".")[1]!) as { scope: string };
  assertEquals(claims.scope, "https://www.googleapis.com/auth/cloud-platform");
  assertEquals([other!.url.href, other!.method], [impersonation, "POST"]);
  assertEquals(other!.headers.get("authorization"), "Bearer token-1");
  assertEquals(other!.headers.get("content-type"), "application/json");
  assertEquals(JSON.parse(other!.body), {
    delegates: ["projects/-/serviceAccounts/between@p.iam.gserviceaccount.com"],
    scope: [SCOPE, "other"],
    lifetime: "3600s",
  });
});

Deno.test("GOOGLE_APPLICATION_CREDENTIALS comes before the file of gcloud", async () => {
  await using host = await FakeHost.start();
  await host.write(".config/gcloud/application_default_credentials.json", { ...PERSON, client_id: "gcloud" });
  await host.credentials({ ...PERSON, client_id: "named" });
  await using server = new FakeGoogleAuth();
  const token = applicationDefault({ scope: SCOPE, fetch: server.fetch });

  await token();
  host.env.GOOGLE_APPLICATION_CREDENTIALS = "";
  await token({ fresh: true });
  host.env.CLOUDSDK_CONFIG = `${host.folder}/elsewhere`;
  await host.write("elsewhere/application_default_credentials.json", { ...PERSON, client_id: "configured" });
  await token({ fresh: true });

  assertEquals(server.requests.map(({ form }) => form.client_id), ["named", "gcloud", "configured"]);
});

Deno.test("a named file that is missing throws, and nothing else is tried", async () => {
  await using host = await FakeHost.start();
  await host.write(".config/gcloud/application_default_credentials.json", PERSON);
  const path = host.env.GOOGLE_APPLICATION_CREDENTIALS = `${host.folder}/none.json`;
  await using server = new FakeGoogleAuth();

  const error = await assertRejects(async () => await applicationDefault({ scope: SCOPE, fetch: server.fetch })());

  assertEquals(
    (error as Error).message,
    "Cannot sign in to Google as the file named by GOOGLE_APPLICATION_CREDENTIALS can't be read: " +
      `current value is ${path}: there is no such file`,
  );
  assertEquals(server.requests, []);
});

Deno.test("without a file, the metadata server signs in", async () => {
  await using host = await FakeHost.start();
  await using server = new FakeGoogleAuth();
  const token = applicationDefault({ scope: `${SCOPE} other`, fetch: server.fetch });

  assertEquals(await token(), "metadata-1");
  host.env.GCE_METADATA_HOST = "127.0.0.1:8080";
  assertEquals(await token({ fresh: true }), "metadata-2");

  const [first, second] = server.requests;
  assertEquals([first!.method, first!.url.host], ["GET", "metadata.google.internal"]);
  assertEquals(first!.url.protocol, "http:");
  assertEquals(first!.url.pathname, "/computeMetadata/v1/instance/service-accounts/default/token");
  assertEquals([...first!.url.searchParams], [["scopes", `${SCOPE},other`]]);
  assertEquals(first!.headers.get("metadata-flavor"), "Google");
  assertEquals(second!.url.host, "127.0.0.1:8080");
});

Deno.test("without credentials, the error names all places and what to do", async () => {
  await using host = await FakeHost.start();
  await using server = new FakeGoogleAuth();
  // a server that answers everything, as networks with a sign-in page have it
  server.always("metadata", () => Response.json({ access_token: "no", expires_in: 1 }));

  const error = await assertRejects(
    async () => await applicationDefault({ scope: SCOPE, fetch: server.fetch })(),
    Error,
  );

  assertStringIncludes(error.message, "Cannot sign in to Google as no credentials were found: current value is");
  assertStringIncludes(error.message, "GOOGLE_APPLICATION_CREDENTIALS: not set");
  assertStringIncludes(
    error.message,
    `${host.folder}/.config/gcloud/application_default_credentials.json: there is no`,
  );
  assertStringIncludes(error.message, 'default/token: HTTP 200 without "Metadata-Flavor: Google"');
  for (const way of ["gcloud auth application-default login", "`token`", "google-auth-library", "--allow-env"]) {
    assertStringIncludes(error.message, way);
  }
});

Deno.test("a missing metadata server takes at most 3 s", async () => {
  using time = new FakeTime();
  await using _host = await FakeHost.start();
  await using server = new FakeGoogleAuth();
  server.always("metadata", noAnswer);

  const { error, afterMs } = await settleInSteps(time, applicationDefault({ scope: SCOPE, fetch: server.fetch })(), {
    isReady: () => server.requests.length > 0,
  });

  assertStringIncludes(String(error), "no credentials were found");
  assertStringIncludes(String(error), "no answer (timed out)");
  assert(afterMs >= 3_000 && afterMs <= 3_500, `${afterMs} ms`);
  assertEquals(server.requests.length, 1);
});

Deno.test("the error of a metadata server that rejects the request names it", async () => {
  await using _host = await FakeHost.start();
  await using server = new FakeGoogleAuth();
  const headers = { "metadata-flavor": "Google" };
  server.always("metadata", () => new Response("no such account", { status: 404, headers }));

  const error = await assertRejects(
    async () => await applicationDefault({ scope: SCOPE, fetch: server.fetch })(),
    Error,
  );

  assertEquals(
    error.message,
    "Cannot sign in to Google as the metadata server rejected the request: current value is HTTP 404 at metadata.google.internal" +
      "/computeMetadata/v1/instance/service-accounts/default/token (the machine may have no service account)",
  );
});

Deno.test("on Windows, the file of gcloud is in APPDATA", async () => {
  await using host = await FakeHost.start("win32");
  host.env.APPDATA = `${host.folder}/roaming`;
  await using server = new FakeGoogleAuth();
  server.always("metadata", () => new Response());
  const token = applicationDefault({ scope: SCOPE, fetch: server.fetch });
  const name = "application_default_credentials.json";

  const byAppData = await assertRejects(async () => await token(), Error);
  assertStringIncludes(byAppData.message, `${host.folder}/roaming\\gcloud\\${name}: there is no such file`);
  host.env.CLOUDSDK_CONFIG = "C:\\configured";
  const byConfiguration = await assertRejects(async () => await token(), Error);
  assertStringIncludes(byConfiguration.message, `C:\\configured\\${name}`);
});

Deno.test("unsupported credentials throw, and the error suggests a token function", async () => {
  await using host = await FakeHost.start();
  await using server = new FakeGoogleAuth();
  const token = applicationDefault({ scope: SCOPE, fetch: server.fetch });
  const types = ["external_account_authorized_user", "gdch_service_account", "toString", "anything"];
  const unknown = types.map((type) => ({ type }));

  for (const file of [...unknown, { ...PERSON, universe_domain: "other.example" }]) {
    await host.credentials(file);
    const error = await assertRejects(async () => await token(), Error);
    assertStringIncludes(error.message, "google-auth-library");
    assertStringIncludes(error.message, "universe_domain" in file ? "universe_domain" : file.type);
  }
  assertEquals(server.requests, []);
});

Deno.test("invalid credentials throw before any request, and the error names the field", async () => {
  await using host = await FakeHost.start();
  await using server = new FakeGoogleAuth();
  const token = applicationDefault({ scope: SCOPE, fetch: server.fetch });
  const cases: [unknown, string][] = [
    ["{ not JSON", "must hold a JSON object"],
    ["null", "must hold a JSON object"],
    [{}, '"type" must be a text'],
    [keyFile({ client_email: undefined }), '"client_email" must be a text'],
    [keyFile({ private_key: "" }), '"private_key" must be a text'],
    [keyFile({ private_key: KEY.pem.replaceAll("PRIVATE KEY", "RSA PRIVATE KEY") }), "PKCS#8"],
    [keyFile({ private_key: KEY.pem.replace("M", "") }), "PKCS#8"],
    [keyFile({ token_uri: "http://oauth2.googleapis.com/token" }), '"token_uri" must be an https: URL'],
    [keyFile({ token_uri: "https://user:word@example.com/" }), '"token_uri" must be a URL without a password'],
    [keyFile({ token_uri: "token" }), '"token_uri" must be a URL'],
    [keyFile({ token_uri: "http://127.0.0.1.example.com/" }), '"token_uri" must be an https: URL'],
    [keyFile({ token_uri: "http://169.254.169.254/" }), '"token_uri" must be an https: URL'],
    [{ ...PERSON, refresh_token: 5 }, '"refresh_token" must be a text'],
    [{ type: "impersonated_service_account", source_credentials: PERSON }, '"service_account_impersonation_url"'],
    [
      { type: "impersonated_service_account", service_account_impersonation_url: "https://a.example" },
      '"source_credentials" must be an object',
    ],
  ];
  for (const [file, part] of cases) {
    await host.credentials(file);
    const error = await assertRejects(async () => await token(), Error);
    assertStringIncludes(error.message, part);
    assertStringIncludes(error.message, host.folder);
  }
  assertEquals(server.requests, []);
});

Deno.test("a token server on this machine needs no TLS, and a byte order mark is ignored", async () => {
  await using host = await FakeHost.start();
  await using server = new FakeGoogleAuth();
  const address = server.listen();
  await host.credentials(`\uFEFF${JSON.stringify({ ...PERSON, token_uri: `${address}/token` })}`);

  assertEquals(await applicationDefault({ scope: SCOPE })(), "token-1");

  host.env.GOOGLE_APPLICATION_CREDENTIALS = "";
  host.env.GCE_METADATA_HOST = address;
  assertEquals(await applicationDefault({ scope: SCOPE })(), "metadata-2");
  host.env.GCE_METADATA_HOST = "two words";
  await assertRejects(
    async () => await applicationDefault({ scope: SCOPE })(),
    Error,
    "GCE_METADATA_HOST must be a host",
  );
});

Deno.test("the error of a rejected request says what to do", async () => {
  using _time = new FakeTime(1_700_000_000_000);
  await using host = await FakeHost.start();
  await using server = new FakeGoogleAuth();
  const token = applicationDefault({ scope: SCOPE, fetch: server.fetch });
  const dated = (response: Response, skewMs: number): Response => {
    response.headers.set("date", new Date(Date.now() - skewMs).toUTCString());
    return response;
  };

  await host.credentials(keyFile());
  server.always("token", () => dated(rejected(400, "invalid_grant", "Invalid JWT: check your iat"), 3_600_000));
  const byKey = await assertRejects(async () => await token(), Error);
  assertEquals(
    byKey.message,
    "Cannot sign in to Google as oauth2.googleapis.com/token rejected the request: current value is HTTP 400 (invalid_grant: " +
      "Invalid JWT: check your iat); is this machine's clock right, and does the key still exist?; " +
      "this machine's clock is 3600 s ahead of the server's",
  );

  await host.credentials(PERSON);
  server.always("token", () => dated(rejected(400, "invalid_grant"), 60_000));
  const byPerson = await assertRejects(async () => await token(), Error);
  assert(byPerson.message.endsWith("(invalid_grant); sign in again with `gcloud auth application-default login`"));

  server.always("token", () => dated(new Response("no JSON", { status: 403 }), -90_000));
  const without = await assertRejects(async () => await token(), Error);
  assert(without.message.endsWith("HTTP 403; this machine's clock is 90 s behind the server's"), without.message);
});

Deno.test("environmentVariable() returns undefined if the environment is absent, empty or denied", () => {
  const real = Object.getOwnPropertyDescriptor(globalThis, "process")!;
  const denied = new Proxy({}, {
    get: () => {
      throw new Deno.errors.NotCapable("Requires env access");
    },
  });
  try {
    for (const process of [undefined, {}, { env: {} }, { env: { NAME: "" } }, { env: denied }]) {
      Object.defineProperty(globalThis, "process", { configurable: true, value: process });
      assertEquals(environmentVariable("NAME"), undefined);
    }
    Object.defineProperty(globalThis, "process", { configurable: true, value: { env: { NAME: "value" } } });
    assertEquals(environmentVariable("NAME"), "value");
  } finally {
    Object.defineProperty(globalThis, "process", real);
  }
});

Deno.test({
  name: "without --allow-read, the error says so, and the metadata server signs in",
  permissions: { read: false },
  fn: async () => {
    const real = Object.getOwnPropertyDescriptor(globalThis, "process")!;
    const env: Record<string, string> = { HOME: "/home/somebody" };
    Object.defineProperty(globalThis, "process", { configurable: true, value: { env } });
    try {
      await using server = new FakeGoogleAuth();
      const token = applicationDefault({ scope: SCOPE, fetch: server.fetch });
      assertEquals(await token(), "metadata-1");
      server.always("metadata", () => new Response());
      const none = await assertRejects(async () => await token({ fresh: true }), Error);
      assertStringIncludes(
        none.message,
        "application_default_credentials.json: reading it is denied, see Deno's --allow-read",
      );
      env.GOOGLE_APPLICATION_CREDENTIALS = "/home/somebody/key.json";
      const denied = await assertRejects(async () => await token({ fresh: true }), Error);
      assertStringIncludes(denied.message, "/home/somebody/key.json: reading it is denied, see Deno's --allow-read");
    } finally {
      Object.defineProperty(globalThis, "process", real);
    }
  },
});

Deno.test({
  name: "without --allow-net, the error says so",
  permissions: { net: false, read: "inherit", write: "inherit" },
  fn: async () => {
    await using host = await FakeHost.start();
    await host.credentials(PERSON);
    const error = await assertRejects(async () => await applicationDefault({ scope: SCOPE })(), Error);
    assertStringIncludes(error.message, "network access is denied, see Deno's --allow-net");
  },
});

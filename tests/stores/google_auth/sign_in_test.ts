import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { applicationDefault } from "../../../stores/google_auth/application_default.ts";
import { FakeGoogleAuth, FakeHost, newKeyPair, PERSON, rejected } from "../helpers/fake_google_auth.ts";

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

import { assert, assertEquals } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { applicationDefault } from "../../../stores/google_auth/application_default.ts";
import { FakeGoogleAuth, FakeHost, newKeyPair } from "../helpers/fake_google_auth.ts";

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

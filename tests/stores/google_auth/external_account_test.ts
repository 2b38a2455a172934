import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { applicationDefault } from "../../../stores/google_auth/application_default.ts";
import { EXTERNAL, FakeGoogleAuth, FakeHost, IMPERSONATION, rejected } from "../helpers/fake_google_auth.ts";

const SCOPE = "https://www.googleapis.com/auth/datastore";
const CLOUD_PLATFORM = "https://www.googleapis.com/auth/cloud-platform";
const WORKFORCE = "//iam.googleapis.com/locations/global/workforcePools/pool/providers/provider";

Deno.test("a subject token from a file is exchanged for a token", async () => {
  await using host = await FakeHost.start();
  const file = await host.write("subject", "subject+token/of=a file\n");
  await host.credentials({ ...EXTERNAL, credential_source: { file } });
  await using server = new FakeGoogleAuth();

  assertEquals(await applicationDefault({ scope: SCOPE, fetch: server.fetch })(), "sts-1");

  const [request] = server.requests;
  assertEquals([server.requests.length, request!.method], [1, "POST"]);
  assertEquals(request!.url.href, "https://sts.googleapis.com/v1/token");
  assertEquals(request!.headers.get("content-type"), "application/x-www-form-urlencoded");
  assertEquals(request!.headers.get("authorization"), null);
  assertEquals(request!.form, {
    grant_type: "urn:ietf:params:oauth:grant-type:token-exchange",
    audience: EXTERNAL.audience,
    scope: SCOPE,
    requested_token_type: "urn:ietf:params:oauth:token-type:access_token",
    subject_token_type: "urn:ietf:params:oauth:token-type:jwt",
    subject_token: "subject+token/of=a file",
  });
});

Deno.test("the file of the subject token is read again for each token", async () => {
  await using host = await FakeHost.start();
  const file = await host.write("subject", JSON.stringify({ id_token: "first" }));
  const format = { type: "json", subject_token_field_name: "id_token" };
  await host.credentials({ ...EXTERNAL, token_url: undefined, credential_source: { file, format } });
  await using server = new FakeGoogleAuth();
  const token = applicationDefault({ scope: SCOPE, fetch: server.fetch });

  await token();
  await host.write("subject", JSON.stringify({ id_token: "second" }));
  await token({ fresh: true });

  assertEquals(server.requests.map(({ form }) => form.subject_token), ["first", "second"]);
  assertEquals(server.requests[0]!.url.href, "https://sts.googleapis.com/v1/token");
});

Deno.test("a subject token from a URL is requested with the given headers", async () => {
  await using host = await FakeHost.start();
  const url = "http://169.254.169.254/provider?api-version=2018-02-01&resource=r";
  await host.credentials({ ...EXTERNAL, credential_source: { url, headers: { Metadata: "True" } } });
  await using server = new FakeGoogleAuth();

  assertEquals(await applicationDefault({ scope: SCOPE, fetch: server.fetch })(), "sts-2");

  const [provider, sts] = server.requests;
  assertEquals([provider!.method, provider!.url.href, provider!.headers.get("metadata")], ["GET", url, "True"]);
  assertEquals(sts!.form.subject_token, "provider-1");
});

Deno.test("the answer of a URL may be JSON, and a file comes before a URL", async () => {
  await using host = await FakeHost.start();
  const format = { type: "json", subject_token_field_name: "value" };
  await using server = new FakeGoogleAuth();
  server.always("provider", () => Response.json({ value: "by URL" }));
  const token = applicationDefault({ scope: SCOPE, fetch: server.fetch });

  await host.credentials({ ...EXTERNAL, credential_source: { url: "https://ids.example/provider", format } });
  await token();
  const file = await host.write("subject", "by file");
  await host.credentials({ ...EXTERNAL, credential_source: { url: "https://ids.example/provider", file } });
  await token({ fresh: true });

  assertEquals(server.of("sts").map(({ form }) => form.subject_token), ["by URL", "by file"]);
});

Deno.test("with impersonation, the first token is for that only, and the second has the requested scope and validity", async () => {
  using time = new FakeTime(1_700_000_000_000);
  await using host = await FakeHost.start();
  const file = await host.write("subject", "subject");
  await host.credentials({
    ...EXTERNAL,
    credential_source: { file },
    service_account_impersonation_url: IMPERSONATION,
    service_account_impersonation: { token_lifetime_seconds: 2_800 },
  });
  await using server = new FakeGoogleAuth();
  const token = applicationDefault({ scope: SCOPE, fetch: server.fetch });

  assertEquals(await token(), "impersonate-2");

  const [sts, impersonation] = server.requests;
  assertEquals(sts!.form.scope, CLOUD_PLATFORM);
  assertEquals(impersonation!.url.href, IMPERSONATION);
  assertEquals(impersonation!.headers.get("authorization"), "Bearer sts-1");
  assertEquals(JSON.parse(impersonation!.body), { scope: [SCOPE], lifetime: "2800s" });

  // the server returns an hour, but less was requested
  time.tick(2_800_000 - 225_000 - 1);
  assertEquals(await token(), "impersonate-2");
  time.tick(1);
  assertEquals(await token(), "impersonate-4");
});

Deno.test("the validity of an impersonated token is relative to the Date header", async () => {
  using time = new FakeTime(1_700_000_000_000);
  await using host = await FakeHost.start();
  const file = await host.write("subject", "subject");
  await host.credentials({
    ...EXTERNAL,
    credential_source: { file },
    service_account_impersonation_url: IMPERSONATION,
  });
  await using server = new FakeGoogleAuth();
  const serverMs = Date.now() - 86_400_000;
  server.script("impersonate", () => {
    const expireTime = new Date(serverMs + 1_000_000).toISOString();
    return Response.json({ accessToken: "one", expireTime }, { headers: { date: new Date(serverMs).toUTCString() } });
  });
  const token = applicationDefault({ scope: SCOPE, fetch: server.fetch });

  assertEquals(await token(), "one");
  time.tick(1_000_000 - 225_000 - 1);
  assertEquals(await token(), "one");
  time.tick(1);
  assertEquals(await token(), "impersonate-3");
});

Deno.test("the project of a workforce pool is sent, unless there is an OAuth client", async () => {
  await using host = await FakeHost.start();
  const file = await host.write("subject", "subject");
  await using server = new FakeGoogleAuth();
  const token = applicationDefault({ scope: SCOPE, fetch: server.fetch });
  const credentials = {
    ...EXTERNAL,
    audience: WORKFORCE,
    credential_source: { file },
    workforce_pool_user_project: "project-1",
  };

  await host.credentials(credentials);
  await token();
  await host.credentials({ ...credentials, client_id: "id", client_secret: "s:ä" });
  await token({ fresh: true });
  await host.credentials({ ...credentials, client_id: "id" });
  await token({ fresh: true });

  const [byProject, byClient, withoutSecret] = server.requests;
  assertEquals(JSON.parse(byProject!.form.options!), { userProject: "project-1" });
  assertEquals(byProject!.headers.get("authorization"), null);
  assertEquals(byClient!.form.options, undefined);
  assertEquals(byClient!.headers.get("authorization"), "Basic aWQ6czrDpA==");
  assertEquals(withoutSecret!.headers.get("authorization"), "Basic aWQ6");
});

Deno.test("invalid external credentials throw before any request, and the error names the field", async () => {
  await using host = await FakeHost.start();
  const file = await host.write("subject", "subject");
  await using server = new FakeGoogleAuth();
  const token = applicationDefault({ scope: SCOPE, fetch: server.fetch });
  const source = { credential_source: { file } };
  const cases: [object, string][] = [
    [{}, '"credential_source" must be an object'],
    [{ ...source, audience: "" }, '"audience" must be a text'],
    [{ ...source, subject_token_type: null }, '"subject_token_type" must be a text'],
    [{ ...source, token_url: "http://sts.googleapis.com/v1/token" }, '"token_url" must be an https: URL'],
    [
      { ...source, service_account_impersonation_url: "http://iam.example/a" },
      '"service_account_impersonation_url" must',
    ],
    [{ ...source, workforce_pool_user_project: "p" }, '"workforce_pool_user_project" must be left out'],
    [{ credential_source: { url: "http://ids.example/provider" } }, '"credential_source.url" must be an https: URL'],
    [
      { credential_source: { url: "https://ids.example", headers: { a: 1 } } },
      '"credential_source.headers.a" must be a text',
    ],
    [
      { credential_source: { file, format: { type: "xml" } } },
      '"credential_source.format.type" must be "text" or "json"',
    ],
    [
      { credential_source: { file, format: { type: "json" } } },
      '"credential_source.format.subject_token_field_name" must be a text',
    ],
    [{ credential_source: { environment_id: "aws1", url: "http://169.254.169.254/a" } }, "google-auth-library"],
    [{ credential_source: { executable: { command: "/bin/id" } } }, "google-auth-library"],
    [{ credential_source: { certificate: {} } }, "google-auth-library"],
    [{ credential_source: { file: `${host.folder}/none` } }, `${host.folder}/none: there is no such file`],
    [
      { credential_source: { file: host.folder } },
      Deno.build.os === "windows" ? host.folder : `${host.folder}: it is a folder`,
    ],
  ];
  for (const [changes, part] of cases) {
    await host.credentials({ ...EXTERNAL, ...changes });
    const error = await assertRejects(async () => await token(), Error);
    assertStringIncludes(error.message, part);
  }
  for (const seconds of ["3600", 0, 1.5]) {
    const service_account_impersonation = { token_lifetime_seconds: seconds };
    const impersonation = { service_account_impersonation_url: IMPERSONATION, service_account_impersonation };
    await host.credentials({ ...EXTERNAL, ...source, ...impersonation });
    const error = await assertRejects(async () => await token(), Error);
    assertStringIncludes(error.message, '"service_account_impersonation.token_lifetime_seconds" must be');
  }
  assertEquals(server.requests, []);
});

Deno.test("without a subject token, nothing is sent to Google", async () => {
  await using host = await FakeHost.start();
  await using server = new FakeGoogleAuth();
  const token = applicationDefault({ scope: SCOPE, fetch: server.fetch });
  const format = { type: "json", subject_token_field_name: "id_token" };
  for (const content of ["", "no JSON", "null", "{}", '{"id_token":""}', '{"id_token":5}']) {
    const file = await host.write("subject", content);
    await host.credentials({ ...EXTERNAL, credential_source: { file, ...(content && { format }) } });
    const error = await assertRejects(async () => await token(), Error);
    assertStringIncludes(error.message, `there is no subject token of the format "${content ? "json" : "text"}"`);
  }
  await host.credentials({ ...EXTERNAL, credential_source: { url: "https://ids.example/provider?id=query" } });
  server.always("provider", () => rejected(401, "denied", "for a reason"));
  const error = await assertRejects(async () => await token(), Error);
  assertEquals(
    error.message,
    "Cannot sign in to Google as ids.example/provider rejected the request: current value is HTTP 401",
  );
  assert(server.of("sts").length === 0);
});
